"""Event logs as tools for process mining exchange them: OCEL 2.0, XES (IEEE 1849) and CSV."""
