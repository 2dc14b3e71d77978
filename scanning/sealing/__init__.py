"""Electronic seal and transfer note (Transfervermerk) of a scan product."""
