"""The one error that the stack raises on purpose."""

from __future__ import annotations


class StackRefusal(Exception):
    """Something is not as the stack needs it; the text is a sentence saying what to do."""
