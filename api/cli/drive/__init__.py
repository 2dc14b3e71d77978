"""`eva drive`: the simulated staff of a casework scenario work against a running server, through its API."""
