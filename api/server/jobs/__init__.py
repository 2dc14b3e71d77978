"""Forecasts as jobs in child processes."""
