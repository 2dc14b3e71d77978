"""Sandboxes: throw-away engines with a clock of their own."""
