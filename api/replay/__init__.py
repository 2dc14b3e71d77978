"""Replay files: what should happen in a case, written by testers, and replayed in process or against a server."""
