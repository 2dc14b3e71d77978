"""What people may give as a name or a reason, and where it is checked."""
