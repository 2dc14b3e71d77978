"""What requests work with: services and the caller."""
