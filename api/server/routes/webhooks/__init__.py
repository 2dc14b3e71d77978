"""Routes about webhooks."""
