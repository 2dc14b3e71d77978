"""Looking at incoming files: type, limits, and what a page shows."""
