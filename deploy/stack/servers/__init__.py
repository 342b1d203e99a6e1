"""One module a server: how it is configured, started, seen to be ready, stopped."""
