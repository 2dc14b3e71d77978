"""Stored content by hash: durable writes, fixity checks, backups."""
