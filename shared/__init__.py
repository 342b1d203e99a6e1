"""What the five services stand on; nothing here knows a service."""
