"""What the commands share: output and exit statuses, the progress bar, the database."""
