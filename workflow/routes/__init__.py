"""Routes of routing slips as trees, apart from the slips that follow them."""
