"""Running a replay in process or against a server."""
