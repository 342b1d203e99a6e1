"""Verify a bundle."""
