"""Scan batches: the paper of a delivery, item by item, as a state machine."""
