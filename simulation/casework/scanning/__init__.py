"""A scan centre with its staff and clients, batch by batch through the real scan machine."""
