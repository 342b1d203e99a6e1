"""What the supervisor must know of one process it keeps running."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


class PartFailed(Exception):
    """A part could not be prepared or did not become ready; the text says what was seen."""


async def _nothing() -> None:
    """The step of a part that needs none."""


@dataclass(frozen=True)
class Part:
    """One process of the stack: how to start it, to see that it is ready, to stop it."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]]
    port: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    uid: int | None = None
    prepare_needs: tuple[str, ...] = ()
    """Parts that must be ready before `prepare` runs."""
    prepare: Callable[[], Awaitable[None]] = _nothing
    """Runs before each start of the process; must be repeatable."""
    needs: tuple[str, ...] = ()
    """Parts that must be ready before the process starts."""
    complete: Callable[[], Awaitable[None]] = _nothing
    """Runs when the process first answers, before the part counts as ready; must be repeatable."""
    renews: tuple[str, ...] = ()
    """Parts that find this one again only when restarted themselves after its crash."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    ready_seconds: float = 60.0
    disposable: Path | None = None
    """The folder of a part whose data PostgreSQL can bring back: it may be emptied."""
    leftovers: tuple[Path, ...] = ()
    """Files outside the data directory that the process leaves behind."""
