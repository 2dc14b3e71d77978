"""Replay files: format, loading and checks."""
