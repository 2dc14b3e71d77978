"""What `eva casework` shows and writes."""
