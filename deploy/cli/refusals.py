"""Refusals on the command line: one sentence on stderr, exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from deploy.stack import StackRefusal
from shared.kernel.refusals import Refusal


@contextmanager
def refusals_as_sentences() -> Iterator[None]:
    """Print a refusal as its sentence and end with exit code 1."""
    try:
        yield
    except StackRefusal as refusal:
        print(refusal, file=sys.stderr)
        raise typer.Exit(1) from refusal
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)
        raise typer.Exit(1) from refusal
