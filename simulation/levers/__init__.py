"""Levers: what a planner may change by name, and the changes themselves."""
