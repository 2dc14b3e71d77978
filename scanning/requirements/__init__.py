"""What BSI TR-03138 (RESISCAN) asks for, by protection need."""
