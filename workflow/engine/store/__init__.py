"""The log on SQLite or PostgreSQL: hash chain, tables, statements and migrations."""
