"""The charts of a forecast: their one list, and how each kind is drawn with Altair."""
