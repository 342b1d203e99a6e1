"""Rules of publication: plain functions over frozen models; no clock, no randomness, no IO."""
