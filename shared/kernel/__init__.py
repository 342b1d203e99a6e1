"""Pure ground: ids, clock port, working calendar, refusals, canonical JSON. No IO, no clock, no randomness."""
