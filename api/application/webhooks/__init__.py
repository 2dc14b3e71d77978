"""Webhooks: where events of the log are delivered to, outside."""
