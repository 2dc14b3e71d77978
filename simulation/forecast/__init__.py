"""Many replications, in parallel, and the tables made of them."""
