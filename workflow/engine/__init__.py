"""The generic engine: machines, events, commands and the one append-only log; it knows no record and no slip."""
