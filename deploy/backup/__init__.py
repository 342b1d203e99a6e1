"""Backup and restore: PostgreSQL at one instant, every file that its rows name, and the keys that open both.

NATS and Temporal are not in it: they are rebuilt from PostgreSQL.
"""
