"""The same process for simulated staff and for Prosimos, which runs in an environment of its own."""
