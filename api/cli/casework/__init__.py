"""`eva casework`."""
