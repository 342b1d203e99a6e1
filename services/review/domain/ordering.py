"""The order of events: complete order sheets, places added, ties to the chair, and what comes next."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.review.domain.panel import Next, PanelState, start_with_key
from shared.kernel.canonical import canonical, digest_bytes
from shared.kernel.refusals import Refusal

ARTICLE = "第十条"
TIE_SCALE = 1_000_000


class OrderContent(BaseModel):
    """What an orderer signs: all cases, best first. The salt keeps the digest from being guessed while sealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: UUID
    expert: str
    order: tuple[UUID, ...]
    salt: str

    @property
    def bytes(self) -> bytes:
        """The canonical bytes that are sealed."""
        return canonical(self)

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical bytes."""
        return digest_bytes(self.bytes)


def check_order(order: Sequence[UUID], standing: Sequence[UUID]) -> None:
    """Refuse an order that leaves an event out, names one twice, or one that is not up for ordering."""
    if len(set(order)) != len(order):
        raise Refusal("ordered_twice", "同一事件只能排一个名次。", field="order", article=ARTICLE)
    if set(order) - set(standing):
        raise Refusal("not_in_order", "排序中有不在本次评议范围内的事件。", field="order", article=ARTICLE)
    if len(order) != len(standing):
        raise Refusal("order_incomplete", f"须对全部{len(standing)}项事件排出名次。", field="order", article=ARTICLE)


def places(order: Sequence[UUID], standing: Sequence[UUID]) -> dict[UUID, int]:
    """Place of each standing case on a sheet; struck cases are passed over and the others close up."""
    kept = set(standing)
    return {case: place for place, case in enumerate((one for one in order if one in kept), 1)}


def place_sums(orders: Sequence[Sequence[UUID]], standing: Sequence[UUID]) -> dict[UUID, int]:
    """The sum of places of each standing case; the least is best."""
    sheets = [places(order, standing) for order in orders]
    return {case: sum(sheet[case] for sheet in sheets) for case in standing}


def ties(sums: Mapping[UUID, int]) -> list[list[UUID]]:
    """Groups of cases with the same sum, best group first."""
    groups: dict[int, list[UUID]] = {}
    for case in sorted(sums):
        groups.setdefault(sums[case], []).append(case)
    return [groups[total] for total in sorted(groups) if len(groups[total]) > 1]


def check_tie_order(ordered: Sequence[UUID], sums: Mapping[UUID, int]) -> None:
    """Refuse a decision on ties that does not name exactly the tied cases, each once."""
    tied = {case for group in ties(sums) for case in group}
    if len(ordered) != len(set(ordered)) or set(ordered) != tied:
        raise Refusal("ties_incomplete", "须且只须对并列的事件排出先后。", field="ordered", article=ARTICLE)


def ranked_means(sums: Mapping[UUID, int], sheets: int, tie_order: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Each case's mean as (numerator, denominator), higher is better, no two alike.

    The mean is that of the inverted places: with n cases a first place counts n, a last one 1. So that the next
    stage ranks by the mean alone, the chair's order of tied cases enters as millionths, too small to pass anybody
    who is not tied and unseen in two decimals.
    """
    count = len(sums)
    found = {}
    for case, total in sums.items():
        behind = len(tie_order) - tie_order.index(case) - 1 if case in tie_order else 0
        found[case] = ((sheets * (count + 1) - total) * TIE_SCALE + behind, sheets * TIE_SCALE)
    return found


class OrderingView(BaseModel):
    """Everything that decides what comes next in an ordering of events."""

    model_config = ConfigDict(frozen=True)

    state: PanelState
    standing_cases: int
    quorum: int
    ready: int = 0
    handed_in: int = 0
    expected: int = 0
    term_over: bool = False
    unsealing_confirmed: bool = False
    ties_open: bool = False
    stored: bool = False
    custody_ready: bool = True


MAY_FOLLOW_ORDERING: Mapping[PanelState, frozenset[PanelState]] = {
    PanelState.RECEIVING: frozenset({PanelState.POOLING}),
    PanelState.POOLING: frozenset({PanelState.SCORING, PanelState.SETTLED}),
    PanelState.SCORING: frozenset({PanelState.SHORT, PanelState.SEALED, PanelState.SETTLED}),
    PanelState.SHORT: frozenset({PanelState.SCORING, PanelState.SETTLED}),
    PanelState.SEALED: frozenset({PanelState.UNSEALED, PanelState.SETTLED}),
    PanelState.UNSEALED: frozenset({PanelState.SETTLED}),
}

ORDERING_WORDS: Mapping[PanelState, str] = {
    PanelState.RECEIVING: "接收移交材料",
    PanelState.POOLING: "待确定参加评议人员",
    PanelState.SCORING: "评议排序",
    PanelState.SHORT: "排序票不足，待补充人员",
    PanelState.SEALED: "已封存，待拆封",
    PanelState.UNSEALED: "已拆封，正在汇总",
    PanelState.SETTLED: "评议结束",
}


def next_ordering_step(view: OrderingView) -> Next:
    """What a clerk would do next with this ordering."""
    if view.state is PanelState.SETTLED:
        return Next(step="close") if view.stored else Next(soon=True)
    if view.standing_cases == 0 and view.state is not PanelState.RECEIVING:
        return Next(step="settle")
    return _STEPS[view.state](view)


def _gathering(view: OrderingView) -> Next:
    """Starts once so many are ready to hand in that the quorum can be reached."""
    enough = view.ready + view.handed_in >= view.quorum
    return start_with_key(view.custody_ready, "start") if enough else Next(whom="office")


def _ordering(view: OrderingView) -> Next:
    all_in = not view.expected and view.handed_in >= view.quorum
    return Next(step="seal") if view.term_over or all_in else Next(whom="expert", until_term=True)


def _sealed(view: OrderingView) -> Next:
    return Next(whom="custodian") if view.unsealing_confirmed else Next(step="confirm_unsealing")


def _unsealed(view: OrderingView) -> Next:
    return Next(whom="review_chair") if view.ties_open else Next(step="settle")


_STEPS: Mapping[PanelState, Callable[[OrderingView], Next]] = {
    PanelState.RECEIVING: lambda _view: Next(step="receive"),
    PanelState.POOLING: _gathering,
    PanelState.SCORING: _ordering,
    PanelState.SHORT: _gathering,
    PanelState.SEALED: _sealed,
    PanelState.UNSEALED: _unsealed,
}
