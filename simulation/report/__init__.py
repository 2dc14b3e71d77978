"""What a planner sees: charts, HTML report, terminal summary, files."""
