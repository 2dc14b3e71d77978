"""Process mining of our own logs: which step follows which, and in which order cases went."""
