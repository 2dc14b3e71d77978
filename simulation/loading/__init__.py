"""Scenarios read from their files: validated, and checked as a whole, every fault at once."""
