"""The report's systems: the command, and the page written from the same file."""
