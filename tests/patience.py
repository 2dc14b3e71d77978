"""How long a test waits for what comes at once on a quiet machine: a loaded one is slow, not wrong."""

PATIENT = 300.0
