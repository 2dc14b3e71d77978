"""Commands that answer the questions of planners."""
