"""Answers to the questions of planners as tables, charts and pages."""
