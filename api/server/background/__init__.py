"""What runs beside requests: command queue, timers, upkeep."""
