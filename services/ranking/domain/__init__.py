"""Rules of ranking as plain functions: exact ranks, quota and departures, meetings, concerns, seats."""
