"""What is kept of persons beside the log."""
