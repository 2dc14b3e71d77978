"""Untrusted files are read in child processes with hard limits."""
