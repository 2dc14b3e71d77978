"""How far a forecast can be trusted: back-casts, a self-test, naive baselines, and what it depends on."""
