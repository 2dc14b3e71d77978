"""Estimating a casework scenario from an event log: what is counted, what is measured, with intervals."""
