"""Casework: simulated staff of an authority who work the real engine in virtual time."""
