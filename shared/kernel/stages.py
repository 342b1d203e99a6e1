"""The stage row's states and what may follow what. Only the owner's row is judged by."""

from datetime import datetime
from enum import StrEnum

from shared.kernel.refusals import Conflict


class StageState(StrEnum):
    """open → (paused ⇄ open) → closed; cancelled ends it at any time before."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"


RUNNING = frozenset({StageState.OPEN, StageState.PAUSED})


class StageChange(StrEnum):
    """What the office may ask of a stage; the owner applies or refuses it."""

    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"
    ADVANCE = "advance"
    CANCEL = "cancel"


_FROM: dict[StageChange, frozenset[StageState]] = {
    StageChange.EXTEND: frozenset({StageState.OPEN}),
    StageChange.PAUSE: frozenset({StageState.OPEN}),
    StageChange.RESUME: frozenset({StageState.PAUSED}),
    StageChange.ADVANCE: frozenset({StageState.OPEN}),
    StageChange.CANCEL: RUNNING,
}

_WORDS = {
    StageState.OPEN: "进行中",
    StageState.PAUSED: "已暂停",
    StageState.CLOSED: "已结束",
    StageState.CANCELLED: "已终止",
}


_BY_TERM = frozenset({"application_window", "public_vote", "consultation", "publicity"})


def over_at(kind: str, closes_at: datetime | None, closed_at: datetime) -> datetime:
    """When a closed stage was over for whom it was open to.

    A stage that ends with its term was over at the term's end, however much later its row was closed: a window to
    2 February does not become one to 3 February by the seconds in which it closes. Every other stage, and one that
    was ended before its term, was over when it was closed.
    """
    return closed_at if closes_at is None or kind not in _BY_TERM else min(closes_at, closed_at)


def may_change(state: StageState, change: StageChange) -> None:
    """Refuse a change that does not fit the stage's state."""
    if state not in _FROM[change]:
        raise Conflict("stage_state", f"本阶段{_WORDS[state]}，不能进行此项变更。")


def require_open(state: StageState, opens_at: datetime, closes_at: datetime | None, now: datetime) -> None:
    """Refuse an act outside the stage: paused, ended, not begun, or after 24:00 of the last counted day.

    The row's term decides, not the workflow's timer: a late timer never lengthens a term.
    """
    if state is StageState.PAUSED:
        raise Conflict("stage_paused", "本阶段已暂停，恢复后方可办理。")
    if state is not StageState.OPEN:
        raise Conflict("stage_closed", f"本阶段{_WORDS[state]}，不能再办理。")
    if now < opens_at:
        raise Conflict("stage_not_open", "本阶段尚未开始。")
    if closes_at is not None and now >= closes_at:
        raise Conflict("term_over", "本阶段期限已届满，不能再办理。")
