"""Questions of planners: comparisons of what-ifs, and what it would take, on top of the forecast."""
