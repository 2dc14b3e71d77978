"""Ratios, each with both sides measured in one run. `make bench` runs them all."""
