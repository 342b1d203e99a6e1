"""What comes next for a stage or a case, from rows alone; workflows only carry it out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.submission.domain.cases import UNDECIDED, CaseState
from shared.kernel.stages import StageState

IN_FLIGHT = timedelta(seconds=5)
"""What arrived before the end of a window or a rectification may still wait for its turn: the window closes, and the
case lapses, this much later. Whoever comes after the end is refused by the term all the same."""

OVER = frozenset({StageState.CLOSED, StageState.CANCELLED})


@dataclass(frozen=True)
class Next:
    """A step to take now, or ``wait``: until a business instant, or (None) until something changes.

    ``soon``: wait a moment for dossiers to be stored.
    """

    step: str
    until: datetime | None = None
    soon: bool = False


DONE, WAIT, SOON = Next("done"), Next("wait"), Next("wait", soon=True)


def wait_until(instants: Iterable[datetime | None]) -> Next:
    """Wait for the first of several instants."""
    return Next("wait", min((one for one in instants if one is not None), default=None))


def in_window(state: StageState, now: datetime, remind_at: datetime | None, closes_at: datetime | None) -> Next:
    """An application window: a reminder before its end, then the end."""
    if state in OVER:
        return DONE
    if state is StageState.PAUSED:
        return WAIT
    ends_at = None if closes_at is None else closes_at + IN_FLIGHT
    if ends_at is not None and now >= ends_at:
        return Next("close")
    if remind_at is not None and now >= remind_at:
        return Next("remind")
    return wait_until((remind_at, ends_at))


@dataclass(frozen=True)
class HandOver:
    """How far the hand-over is that the office asked for by ending the stage."""

    prepared: bool
    stored: bool
    frozen: bool


def ended_by_act(
    state: StageState, now: datetime, closes_at: datetime | None, office_called: bool, hand_over: HandOver | None
) -> Next:
    """A stage that the office ends: dossiers, then the manifest, then the end, each stored before the next."""
    if state in OVER:
        return DONE
    if state is StageState.PAUSED:
        return WAIT
    if hand_over is not None:
        return _handing_over(hand_over)
    if closes_at is None or office_called:
        return WAIT
    return Next("call_office") if now >= closes_at else Next("wait", closes_at)


def _handing_over(hand_over: HandOver) -> Next:
    if not hand_over.prepared:
        return Next("prepare")
    if not hand_over.stored:
        return SOON
    return Next("close") if hand_over.frozen else Next("freeze")


@dataclass(frozen=True)
class OpenTerm:
    """An open rectification; ``held`` while its stage is paused."""

    closes_at: datetime
    remind_at: datetime
    reminded: bool
    held: bool


def in_screening(state: CaseState, now: datetime, term: OpenTerm | None) -> Next:
    """One filing: nothing to do while the office decides; in a rectification a reminder, then the lapse."""
    if state not in UNDECIDED:
        return DONE
    if state is CaseState.ACCEPTED or term is None or term.held:
        return WAIT
    ends_at = term.closes_at + IN_FLIGHT
    if now >= ends_at:
        return Next("lapse")
    if term.reminded or now >= term.closes_at:
        return Next("wait", ends_at)
    return Next("remind") if now >= term.remind_at else Next("wait", term.remind_at)
