"""What each procedure of ranking does next, from how the stage stands. No clock: the time is an argument."""

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.stages import RUNNING, StageState

WAIT, DONE, BEGIN = "wait", "done", "begin"


@dataclass(frozen=True, slots=True)
class Next:
    """The next step; a wait ends at the business instant ``until``, ``soon``, or only when somebody acts."""

    step: str
    until: datetime | None = None
    soon: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """How far a stage has come. ``state`` None: it has not begun; ``stored``: what was frozen lies in S3."""

    state: StageState | None = None
    received: bool = False
    completed: bool = False
    frozen: bool = False
    stored: bool = False


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a decision knows besides: the gates it is bound to, its ranking, its minute."""

    recommends: bool
    ranked: bool = False
    minute_missing: bool = False
    bound: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Consulting:
    """What a consultation knows besides: its instants, whether replies are counted, concerns without a ruling."""

    closes_at: datetime | None
    remind_at: datetime | None = None
    closed_early: bool = False
    tallied: bool = False
    unruled: bool = False
    bound: bool = False


def in_evaluation(desk: Desk) -> Next:
    """Begin, receive and score, wait for the office, hand over."""
    if (first := _first(desk)) is not None:
        return first
    return _hand_over(desk) if desk.completed else Next(WAIT)


def in_decision(desk: Desk, at: Deciding) -> Next:
    """Begin, receive, gate, rank, wait for the decision, then the minute or the gate of the final list, hand over."""
    if (first := _first(desk)) is not None:
        return first
    if "ranking" not in at.bound:
        return Next("gate_ranking")
    if not at.ranked:
        return Next("rank")
    if not desk.completed:
        return Next(WAIT)
    return _after_decision(desk, at)


def _after_decision(desk: Desk, at: Deciding) -> Next:
    if at.recommends and "final_list" not in at.bound:
        return Next("gate_final_list")
    return Next("minute") if at.minute_missing else _hand_over(desk)


def in_consultation(desk: Desk, at: Consulting, now: datetime) -> Next:
    """Begin, write the letters, remind, wait for the term, count silence, wait for rulings, gate, hand over."""
    if (first := _first(desk)) is not None:
        return first
    if not at.tallied:
        return _asking(at, now)
    if at.unruled:
        return Next(WAIT)
    return _hand_over(desk) if at.bound else Next("gate_final_list")


def _asking(at: Consulting, now: datetime) -> Next:
    if at.closed_early or (at.closes_at is not None and now >= at.closes_at):
        return Next("tally")
    if at.remind_at is not None and now >= at.remind_at:
        return Next("remind")
    due = [moment for moment in (at.remind_at, at.closes_at) if moment is not None]
    return Next(WAIT, until=min(due, default=None))


def _first(desk: Desk) -> Next | None:
    """What all have in common: an unopened stage begins, an ended one is done, a paused one waits, then receives."""
    if desk.state is None:
        return Next(BEGIN)
    if desk.state not in RUNNING:
        return Next(DONE)
    if desk.state is StageState.PAUSED:
        return Next(WAIT)
    return None if desk.received else Next("receive")


def _hand_over(desk: Desk) -> Next:
    if not desk.frozen:
        return Next("freeze")
    return Next("close") if desk.stored else Next(WAIT, soon=True)
