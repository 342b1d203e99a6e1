"""How Fangbang runs: the command line, the local stack, the rehearsal."""
