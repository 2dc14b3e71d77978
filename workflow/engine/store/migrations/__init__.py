"""Alembic migrations of the log and the views."""
