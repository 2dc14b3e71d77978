"""What is new for a person, as the pages and the daily e-mail tell it."""
