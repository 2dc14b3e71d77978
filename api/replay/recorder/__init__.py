"""From recorded requests of a sandbox to a replay file."""
