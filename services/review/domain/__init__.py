"""The rules of review as plain functions over frozen models; no clock, no randomness, no IO."""
