"""Submission on real servers, through its HTTP API."""
