"""The daily e-mail: what waits for a person, and what is new."""
