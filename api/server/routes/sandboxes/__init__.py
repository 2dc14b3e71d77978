"""Routes of sandboxes: made and thrown away, their clocks, and the requests that they have recorded."""
