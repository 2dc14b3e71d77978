"""Which rows and guards of the machines the replays exercise."""
