"""What comes next with a panel, who is asked next, and what is missing."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.panel import (
    MAY_FOLLOW,
    STATE_WORDS,
    MemberKind,
    MemberState,
    Next,
    PanelState,
    PanelView,
    Progress,
    Seat,
    counted_sheets,
    lacking_pools,
    moved,
    next_alternates,
    next_step,
    require_state,
    shortage,
    unsigned_pairs,
)
from services.review.domain.parties import Phase
from shared.kernel.refusals import Conflict

CASES = [UUID(int=100), UUID(int=101)]


def seat(
    number: int,
    state: MemberState = MemberState.UNDERTAKEN,
    *,
    pool: str = "economic",
    kind: MemberKind = MemberKind.DRAWN,
    place: int = 1,
    attempt: int = 1,
) -> Seat:
    return Seat(expert=UUID(int=number), kind=kind, pool=pool, attempt=attempt, place=place, state=state)


def alternate(number: int, pool: str, place: int, attempt: int = 1) -> Seat:
    return seat(number, MemberState.STANDBY, pool=pool, kind=MemberKind.ALTERNATE, place=place, attempt=attempt)


def frozen(phase: Phase, **known: Any) -> PanelView:
    return PanelView(state=PanelState.FROZEN, standing_cases=2, phase=phase, **known)


@pytest.mark.parametrize(
    ("view", "following"),
    [
        (PanelView(state=PanelState.RECEIVING, standing_cases=0), Next(step="receive")),
        (PanelView(state=PanelState.POOLING, standing_cases=2), Next(step="confirm_draw")),
        (PanelView(state=PanelState.POOLING, standing_cases=2, draw_confirmed=True), Next(whom="office")),
        (PanelView(state=PanelState.POOLING, standing_cases=0), Next(step="settle")),
        (frozen(Phase.LISTING), Next(whom="ledger")),
        (frozen(Phase.LISTING, in_ledger=True), Next(step="call_parties")),
        (frozen(Phase.COMMITTING, party="supervisor"), Next(whom="supervisor", until_term=True)),
        (frozen(Phase.COMMITTING, party="office", term_over=True), Next(step="void_silent")),
        (frozen(Phase.COMMITTED, term_over=True), Next(whom="ledger")),
        (frozen(Phase.COMMITTED, in_ledger=True, term_over=True), Next(step="call_parties")),
        (frozen(Phase.REVEALING, party="office"), Next(whom="office", until_term=True)),
        (frozen(Phase.REVEALING, party="office", term_over=True), Next(step="void_silent")),
        (frozen(Phase.REVEALED, term_over=True), Next(step="draw")),
        (
            PanelView(state=PanelState.UNDERTAKING, standing_cases=2, pending=1),
            Next(whom="expert", until_term=True),
        ),
        (PanelView(state=PanelState.UNDERTAKING, standing_cases=2, pending=1, term_over=True), Next(step="lapse")),
        (PanelView(state=PanelState.UNDERTAKING, standing_cases=2), Next(step="start_scoring")),
        (PanelView(state=PanelState.SCORING, standing_cases=2, unsigned=1), Next(whom="expert", until_term=True)),
        (PanelView(state=PanelState.SCORING, standing_cases=2, short=1), Next(whom="expert", until_term=True)),
        (PanelView(state=PanelState.SCORING, standing_cases=2, unsigned=1, term_over=True), Next(step="seal")),
        (PanelView(state=PanelState.SCORING, standing_cases=2), Next(step="seal")),
        (PanelView(state=PanelState.SHORT, standing_cases=2, short=1), Next(whom="office")),
        (PanelView(state=PanelState.SHORT, standing_cases=2), Next(step="start_scoring")),
        (PanelView(state=PanelState.SEALED, standing_cases=2), Next(step="confirm_unsealing")),
        (PanelView(state=PanelState.SEALED, standing_cases=2, unsealing_confirmed=True), Next(whom="custodian")),
        (PanelView(state=PanelState.SEALED, standing_cases=0), Next(step="settle")),
        (PanelView(state=PanelState.UNSEALED, standing_cases=2), Next(step="settle")),
        (PanelView(state=PanelState.SETTLED, standing_cases=2), Next(soon=True)),
        (PanelView(state=PanelState.SETTLED, standing_cases=2, stored=True), Next(step="close")),
    ],
)
def test_next_step(view: PanelView, following: Next) -> None:
    assert next_step(view) == following


def test_every_state_leads_to_the_end_and_has_a_word() -> None:
    reached = {PanelState.SETTLED}
    while new := {state for state, after in MAY_FOLLOW.items() if after & reached} - reached:
        reached |= new

    assert reached == set(PanelState) == set(STATE_WORDS) == set(MAY_FOLLOW)


@pytest.mark.parametrize(
    ("state", "to"),
    [
        (PanelState.RECEIVING, PanelState.UNDERTAKING),
        (PanelState.SCORING, PanelState.UNSEALED),
        (PanelState.UNSEALED, PanelState.SCORING),
        (PanelState.SETTLED, PanelState.UNSEALED),
    ],
)
def test_states_are_not_skipped(state: PanelState, to: PanelState) -> None:
    with pytest.raises(Conflict):
        moved(state, to)


def test_act_out_of_step_says_where_the_panel_stands() -> None:
    with pytest.raises(Conflict) as refusal:
        require_state(PanelState.SCORING, PanelState.SEALED)

    assert refusal.value.message == "本组审查现处于“专家赋分”，不能办理此事项。"


def test_alternate_of_the_same_pool_comes_first_then_others_while_the_pool_is_represented() -> None:
    seats = [seat(1, pool="media"), alternate(2, "economic", 1), alternate(3, "media", 2), alternate(4, "media", 1)]

    assert [one.expert.int for one in next_alternates(seats, "media", 3)] == [4, 3, 2]
    assert [one.expert.int for one in next_alternates(seats[:2], "media", 3)] == [2]


def test_a_pool_without_anybody_is_only_filled_from_itself() -> None:
    seats = [seat(1, MemberState.REFUSED, pool="media"), alternate(2, "economic", 1)]

    assert next_alternates(seats, "media", 1) == []


def test_alternates_of_the_earlier_attempt_come_first() -> None:
    seats = [alternate(1, "economic", 1, attempt=2), alternate(2, "media", 2), alternate(3, "economic", 1)]

    assert [one.expert.int for one in next_alternates(seats, None, 3)] == [3, 2, 1]


def test_lacking_pools_names_a_pool_once_for_each_that_is_missing() -> None:
    seats = [seat(1), seat(2, MemberState.RECUSED, pool="media"), seat(3, pool="media", kind=MemberKind.APPOINTED)]

    assert lacking_pools(seats, {"economic": 1, "media": 2}) == ["media", "media"]


def test_appointed_members_who_score_stand_beside_the_drawn_ones_and_in_nobodys_place() -> None:
    drawn = [seat(number) for number in range(6)]
    appointed = seat(7, pool="media", kind=MemberKind.APPOINTED)
    attends = appointed.model_copy(update={"expert": UUID(int=8), "scores": False})

    assert shortage(CASES, [*drawn, appointed, attends], Progress(), 7) == 1
    assert lacking_pools([*drawn, appointed], {"media": 1}) == ["media"]
    assert unsigned_pairs(CASES[:1], [appointed, attends], Progress()) == [(CASES[0], appointed.expert)]
    assert counted_sheets(CASES[0], [appointed], Progress(signed=frozenset({(CASES[0], appointed.expert)}))) == 1


def test_sheets_of_the_recused_and_the_refused_do_not_count_those_of_the_overdue_do() -> None:
    states = [MemberState.UNDERTAKEN, MemberState.OVERDUE, MemberState.RECUSED, MemberState.UNDERTAKEN]
    seats = [seat(number, state) for number, state in enumerate(states)]
    signed = frozenset((CASES[0], one.expert) for one in seats)
    progress = Progress(signed=signed, recused=frozenset({(CASES[0], seats[3].expert)}))

    assert counted_sheets(CASES[0], seats, progress) == 2


def test_shortage_is_that_of_the_worst_case() -> None:
    seats = [seat(number) for number in range(7)]
    recused = frozenset({(CASES[1], seats[0].expert), (CASES[1], seats[1].expert)})

    assert shortage(CASES, seats, Progress(), 7) == 0
    assert shortage(CASES, seats, Progress(recused=recused), 7) == 2
    assert shortage([], seats, Progress(recused=recused), 7) == 0


@given(st.lists(st.sampled_from(list(MemberState)), max_size=12), st.integers(0, 9), st.data())
def test_shortage_counts_everybody_once(states: list[MemberState], quorum: int, data: st.DataObject) -> None:
    seats = [seat(number, state) for number, state in enumerate(states)]
    pairs = [(case, one.expert) for case in CASES for one in seats]
    signed = frozenset(pair for pair in pairs if data.draw(st.booleans()))
    recused = frozenset(pair for pair in pairs if data.draw(st.booleans()))
    progress = Progress(signed=signed, recused=recused)

    short = shortage(CASES, seats, progress, quorum)

    for case in CASES:
        reachable = counted_sheets(case, seats, progress) + len(unsigned_pairs([case], seats, progress))
        assert reachable <= len(seats)
        assert short >= quorum - reachable
    assert 0 <= short <= quorum
