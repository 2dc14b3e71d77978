"""Routing slips (E-Laufmappe): stations, signatures and the way back."""
