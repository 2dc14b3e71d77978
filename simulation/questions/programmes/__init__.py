"""Several programmes beside each other."""
