"""`eva demo`: a believable authority in a database of its own."""
