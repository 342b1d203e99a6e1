"""The office's console: overview, operations, the rehearsal clock."""
