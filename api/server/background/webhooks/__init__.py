"""Delivering events of the log to webhooks."""
