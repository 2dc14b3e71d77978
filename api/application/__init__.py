"""Use cases without HTTP: server, replay and command line stand on them."""
