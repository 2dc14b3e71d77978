"""Events of the log as they are told outside: by page, as a stream, to webhooks."""
