"""Scan centres item by item: arrivals, the compiled kernel and its SimPy reference."""
