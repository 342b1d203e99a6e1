"""The panel's states, its seats, and what comes next."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.review.domain.parties import ANSWERING, Phase
from shared.kernel.refusals import Conflict


class PanelState(StrEnum):
    """Where a panel stands. ``SHORT``: no alternate is left and the quorum cannot be reached without a new draw."""

    RECEIVING = "receiving"
    POOLING = "pooling"
    FROZEN = "frozen"
    UNDERTAKING = "undertaking"
    SCORING = "scoring"
    SHORT = "short"
    SEALED = "sealed"
    UNSEALED = "unsealed"
    SETTLED = "settled"


STATE_WORDS: Mapping[PanelState, str] = {
    PanelState.RECEIVING: "接收移交材料",
    PanelState.POOLING: "待固定抽取名单",
    PanelState.FROZEN: "名单已固定，正在抽取",
    PanelState.UNDERTAKING: "签署承诺书",
    PanelState.SCORING: "专家赋分",
    PanelState.SHORT: "人数不足，待补充抽取",
    PanelState.SEALED: "已封存，待拆封",
    PanelState.UNSEALED: "已拆封，正在汇总",
    PanelState.SETTLED: "审查结束",
}

MAY_FOLLOW: Mapping[PanelState, frozenset[PanelState]] = {
    PanelState.RECEIVING: frozenset({PanelState.POOLING}),
    PanelState.POOLING: frozenset({PanelState.FROZEN, PanelState.SETTLED}),
    PanelState.FROZEN: frozenset({PanelState.POOLING, PanelState.UNDERTAKING, PanelState.SHORT, PanelState.SETTLED}),
    PanelState.UNDERTAKING: frozenset({PanelState.SCORING, PanelState.SHORT, PanelState.SETTLED}),
    PanelState.SCORING: frozenset({PanelState.UNDERTAKING, PanelState.SHORT, PanelState.SEALED, PanelState.SETTLED}),
    PanelState.SHORT: frozenset({PanelState.FROZEN, PanelState.SCORING, PanelState.SETTLED}),
    PanelState.SEALED: frozenset({PanelState.UNDERTAKING, PanelState.SCORING, PanelState.UNSEALED, PanelState.SETTLED}),
    PanelState.UNSEALED: frozenset({PanelState.SETTLED}),
    PanelState.SETTLED: frozenset(),
}

STAFFED = frozenset({PanelState.UNDERTAKING, PanelState.SCORING, PanelState.SHORT, PanelState.SEALED})
CHANGING = STAFFED | {PanelState.POOLING, PanelState.FROZEN}
"""Where members may leave: also while a supplementary list is drawn from; not after the unsealing."""


def require_state(state: PanelState, *allowed: PanelState) -> None:
    """Refuse an act that does not fit where the panel stands."""
    if state not in allowed:
        raise Conflict("panel_state", f"本组审查现处于“{STATE_WORDS[state]}”，不能办理此事项。")


def moved(
    state: PanelState, to: PanelState, may_follow: Mapping[PanelState, frozenset[PanelState]] = MAY_FOLLOW
) -> PanelState:
    """The next state, refused when it may not follow."""
    if to not in may_follow.get(state, frozenset()):
        raise Conflict("panel_state", f"本组审查不能由“{STATE_WORDS[state]}”转为“{STATE_WORDS[to]}”。")
    return to


class MemberKind(StrEnum):
    """How somebody came to the panel; appointed members attend, and score where the rulebook says so."""

    DRAWN = "drawn"
    ALTERNATE = "alternate"
    APPOINTED = "appointed"


MEMBER_KIND_WORDS: Mapping[MemberKind, str] = {
    MemberKind.DRAWN: "抽取",
    MemberKind.ALTERNATE: "候补",
    MemberKind.APPOINTED: "指派",
}


class MemberState(StrEnum):
    """``STANDBY`` alternates were not asked yet; ``OVERDUE`` missed the scoring term, signed sheets count."""

    STANDBY = "standby"
    CALLED = "called"
    UNDERTAKEN = "undertaken"
    REFUSED = "refused"
    LAPSED = "lapsed"
    RECUSED = "recused"
    OVERDUE = "overdue"


MEMBER_WORDS: Mapping[MemberState, str] = {
    MemberState.STANDBY: "候补",
    MemberState.CALLED: "待签承诺书",
    MemberState.UNDERTAKEN: "已签承诺书",
    MemberState.REFUSED: "不参加",
    MemberState.LAPSED: "逾期未签",
    MemberState.RECUSED: "已回避",
    MemberState.OVERDUE: "逾期未完成",
}
SEATED = frozenset({MemberState.CALLED, MemberState.UNDERTAKEN})
VISIBLE = frozenset({MemberState.CALLED, MemberState.UNDERTAKEN, MemberState.OVERDUE})
"""To everybody else the panel and its cases are not there."""
COUNTED = frozenset({MemberState.UNDERTAKEN, MemberState.OVERDUE})


class Seat(BaseModel):
    """A member as the seat rules see it; ``attempt`` and ``place`` order alternates, ``scores`` fills in sheets."""

    model_config = ConfigDict(frozen=True)

    expert: UUID
    kind: MemberKind
    pool: str
    attempt: int
    place: int
    state: MemberState
    scores: bool = True

    @property
    def drawn(self) -> bool:
        """Whether this member counts for the quorum and for a pool; the appointed come beside, in nobody's place."""
        return self.kind is not MemberKind.APPOINTED


def next_alternates(seats: Sequence[Seat], leaving_pool: str | None, count: int) -> list[Seat]:
    """Who is asked next, at most ``count``: alternates of the pool that lost a member first.

    Another pool's alternate steps in only while the pool still has a seated member: every pool stays represented.
    Without a pool the earlier attempt's and better placed alternates come first.
    """
    waiting = sorted(
        (seat for seat in seats if seat.state is MemberState.STANDBY),
        key=lambda seat: (seat.pool != leaving_pool, seat.attempt, seat.place, seat.pool),
    )
    if leaving_pool is not None and not _represented(seats, leaving_pool):
        waiting = [seat for seat in waiting if seat.pool == leaving_pool]
    return waiting[:count]


def _represented(seats: Iterable[Seat], pool: str) -> bool:
    return any(seat.pool == pool and seat.drawn and seat.state in SEATED for seat in seats)


class Progress(BaseModel):
    """Who signed what: signed pairs of (case, expert), and pairs an expert may not see."""

    model_config = ConfigDict(frozen=True)

    signed: frozenset[tuple[UUID, UUID]] = frozenset()
    recused: frozenset[tuple[UUID, UUID]] = frozenset()


def counted_sheets(case: UUID, seats: Iterable[Seat], progress: Progress) -> int:
    """Signed sheets of a case that count."""
    return sum(seat.state in COUNTED and (case, seat.expert) in progress.signed - progress.recused for seat in seats)


def unsigned_pairs(
    cases: Iterable[UUID], seats: Sequence[Seat], progress: Progress, states: AbstractSet[MemberState] = SEATED
) -> list[tuple[UUID, UUID]]:
    """Sheets that are still expected: (case, expert)."""
    waiting = [seat.expert for seat in seats if seat.scores and seat.state in states]
    settled = progress.signed | progress.recused
    return [(case, expert) for case in cases for expert in waiting if (case, expert) not in settled]


def shortage(cases: Iterable[UUID], seats: Sequence[Seat], progress: Progress, quorum: int) -> int:
    """How many more drawn experts the worst-off case needs, all who are still expected taken as signing."""
    short, drawn = 0, [seat for seat in seats if seat.drawn]
    for case in cases:
        able = len(unsigned_pairs([case], drawn, progress))
        short = max(short, quorum - counted_sheets(case, drawn, progress) - able)
    return short


def lacking_pools(seats: Sequence[Seat], minimums: Mapping[str, int]) -> list[str]:
    """Pools with fewer drawn members than their minimum, once for each that is missing."""
    lacking: list[str] = []
    for pool, least in minimums.items():
        held = sum(seat.drawn and seat.pool == pool and seat.state in SEATED | COUNTED for seat in seats)
        lacking += [pool] * (least - held)
    return lacking


class PanelView(BaseModel):
    """Everything that decides what comes next; ``party`` is who has to answer next in the running draw."""

    model_config = ConfigDict(frozen=True)

    state: PanelState
    standing_cases: int
    draw_confirmed: bool = False
    phase: Phase | None = None
    party: str | None = None
    in_ledger: bool = False
    pending: int = 0
    unsigned: int = 0
    short: int = 0
    term_over: bool = False
    unsealing_confirmed: bool = False
    stored: bool = False
    custody_ready: bool = True


class Next(BaseModel):
    """The next step, or whom the panel waits for and whether the term ends the waiting."""

    model_config = ConfigDict(frozen=True)

    step: str = "wait"
    whom: str | None = None
    until_term: bool = False
    soon: bool = False


def next_step(view: PanelView) -> Next:
    """What a clerk would do next with this panel."""
    if view.state is PanelState.SETTLED:
        return Next(step="close") if view.stored else Next(soon=True)
    if view.standing_cases == 0 and view.state is not PanelState.RECEIVING:
        return Next(step="settle")
    return _STEPS[view.state](view)


def _pooling(view: PanelView) -> Next:
    return Next(whom="office") if view.draw_confirmed else Next(step="confirm_draw")


def _frozen(view: PanelView) -> Next:
    if view.phase is Phase.REVEALED:
        return Next(step="draw")
    if view.phase in ANSWERING:
        return Next(step="void_silent") if view.term_over else Next(whom=view.party, until_term=True)
    return Next(step="call_parties") if view.in_ledger else Next(whom="ledger")


def _undertaking(view: PanelView) -> Next:
    if not view.pending:
        return start_with_key(view.custody_ready)
    return Next(step="lapse") if view.term_over else Next(whom="expert", until_term=True)


def start_with_key(custody_ready: bool, step: str = "start_scoring") -> Next:
    """Nobody signs before the panel has a key, and there is none without three custodians."""
    return Next(step=step) if custody_ready else Next(whom="custodian")


def _scoring(view: PanelView) -> Next:
    all_in = not view.unsigned and not view.short
    return Next(step="seal") if view.term_over or all_in else Next(whom="expert", until_term=True)


def _short(view: PanelView) -> Next:
    return Next(whom="office") if view.short else start_with_key(view.custody_ready)


def _sealed(view: PanelView) -> Next:
    return Next(whom="custodian") if view.unsealing_confirmed else Next(step="confirm_unsealing")


_STEPS: Mapping[PanelState, Callable[[PanelView], Next]] = {
    PanelState.RECEIVING: lambda _view: Next(step="receive"),
    PanelState.POOLING: _pooling,
    PanelState.FROZEN: _frozen,
    PanelState.UNDERTAKING: _undertaking,
    PanelState.SCORING: _scoring,
    PanelState.SHORT: _short,
    PanelState.SEALED: _sealed,
    PanelState.UNSEALED: lambda _view: Next(step="settle"),
}
