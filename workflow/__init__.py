"""The workflow core: records, routing slips and mail folders as state machines on one tamper-evident log."""
