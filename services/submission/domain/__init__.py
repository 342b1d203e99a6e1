"""Rules of filing and screening as plain functions over frozen values: no clock, no randomness, no IO."""
