"""Steps of the database schema, oldest first."""
