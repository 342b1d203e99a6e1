"""When a request came in, which is what a term is compared with: not when this process got round to it.

The server in front says so (``X-Request-Start: t=<Unix milliseconds>``, set anew by it whatever the client sent): its
clock does not wait for a busy process. Without it the request came when this process first saw it.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from time import monotonic, time

HEADER = b"x-request-start"
_LONGEST_SECONDS = 30.0
_arrived: ContextVar[float | None] = ContextVar("arrived", default=None)


def note_arrival(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Keep when the request of this context came in."""
    said = next((value for name, value in headers if name == HEADER), b"")
    _arrived.set(monotonic() - _age(said))


def arrival() -> float:
    """When the request of this context came in, on the monotonic clock."""
    noted = _arrived.get()
    return monotonic() if noted is None else noted


def received_at(now: datetime, arrived: float | None = None) -> datetime:
    """The business instant at which a request came in; ``now`` is that of its transaction."""
    return now - timedelta(seconds=monotonic() - (arrival() if arrived is None else arrived))


def _age(said: bytes) -> float:
    """Seconds since the server in front had the request; a clock that is off counts for little, nonsense for none."""
    digits = said.removeprefix(b"t=")
    if not digits.isdigit() or len(digits) > 15:
        return 0.0
    return min(max(time() - int(digits) / 1000, 0.0), _LONGEST_SECONDS)
