"""Office on real servers; the other services are played by facts on the stream."""
