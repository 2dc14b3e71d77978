"""Commands for operators: the server, its tokens, the log."""
