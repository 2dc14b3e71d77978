"""Rollout scenarios: model, loading, checks, JSON Schema."""
