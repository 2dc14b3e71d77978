"""Views: tables for lists, inbox and cockpit, kept by a subscriber of the log."""
