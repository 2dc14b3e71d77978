"""Separator sheets: printing them, finding them in a scan."""
