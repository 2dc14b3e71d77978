"""How much staff a scan centre needs."""
