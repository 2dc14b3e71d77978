"""Input files with the place of every fault: text, YAML, CSV, durations."""
