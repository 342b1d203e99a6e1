"""What a procedure does next, from how its rows stand; nothing here ends a term before its last instant."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.stages import RUNNING, StageState


@dataclass(frozen=True)
class Next:
    """The next step; when it is ``wait``, until which business instant, or ``soon`` for something just under way."""

    step: str
    until: datetime | None = None
    soon: bool = False


WAIT = Next("wait")


@dataclass(frozen=True)
class Desk:
    """How a stage stands; ``state`` is None before it was opened."""

    state: StageState | None = None
    received: bool = False
    posted: bool = False
    closes_at: datetime | None = None
    frozen: bool = False
    stored: bool = False


def in_call(desk: Desk) -> Next:
    """启动: open, wait until the office has posted, close."""
    if (first := _outside(desk)) is not None:
        return first
    return Next("close") if desk.posted and desk.state is StageState.OPEN else WAIT


def in_publicity(desk: Desk, now: datetime) -> Next:
    """公示: open, receive the list, wait for the posting and its term, freeze what was cleared, close."""
    if (first := _outside(desk)) is not None:
        return first
    if not desk.received:
        return Next("receive")
    if not desk.posted or not _is_over(desk, now):
        return _until_over(desk)
    if not desk.frozen:
        return Next("freeze")
    return Next("close") if desk.stored else Next("wait", soon=True)


def in_vote(desk: Desk, now: datetime) -> Next:
    """公众投票: open with its term, wait for its end, count and close."""
    if (first := _outside(desk)) is not None:
        return first
    return Next("close") if _is_over(desk, now) else _until_over(desk)


def _outside(desk: Desk) -> Next | None:
    if desk.state is None:
        return Next("begin")
    return None if desk.state in RUNNING else Next("done")


def _is_over(desk: Desk, now: datetime) -> bool:
    """The term has ended, counted to its last instant; a paused or endless stage is never over."""
    return desk.state is StageState.OPEN and desk.closes_at is not None and now >= desk.closes_at


def _until_over(desk: Desk) -> Next:
    return Next("wait", desk.closes_at if desk.state is StageState.OPEN else None)
