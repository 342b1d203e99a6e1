"""What is handed out to verify: programs that need nothing but Python's standard library."""
