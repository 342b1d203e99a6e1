"""Public votes."""
