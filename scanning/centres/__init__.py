"""Scan centres (Scanstellen): which authorities' paper they take, under which terms, and their audits."""
