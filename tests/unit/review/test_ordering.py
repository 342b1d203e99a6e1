"""Order sheets: what may be handed in, place sums, ties, and the means that the next stage ranks by."""

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.ordering import (
    MAY_FOLLOW_ORDERING,
    ORDERING_WORDS,
    OrderingView,
    check_order,
    check_tie_order,
    next_ordering_step,
    place_sums,
    places,
    ranked_means,
    ties,
)
from services.review.domain.panel import Next, PanelState, moved
from shared.kernel.refusals import Conflict, Refusal

CASES = [UUID(int=number) for number in range(1, 6)]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (CASES[:4], "order_incomplete"),
        ([*CASES[:4], CASES[0]], "ordered_twice"),
        ([*CASES[:4], UUID(int=99)], "not_in_order"),
        ([], "order_incomplete"),
    ],
)
def test_wrong_order_is_refused(order: list[UUID], code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_order(order, CASES)

    assert (refusal.value.code, refusal.value.article) == (code, "第十条")


def test_struck_case_is_passed_over_and_the_others_close_up() -> None:
    assert places(CASES, [CASES[0], CASES[2], CASES[4]]) == {CASES[0]: 1, CASES[2]: 2, CASES[4]: 3}


@given(st.lists(st.permutations(CASES), min_size=1, max_size=9), st.data())
def test_means_rank_by_place_sum_and_then_by_the_chair(orders: list[list[UUID]], data: st.DataObject) -> None:
    sums = place_sums(orders, CASES)
    tied = [case for group in ties(sums) for case in group]
    chair = data.draw(st.permutations(tied))
    check_tie_order(chair, sums)

    means = ranked_means(sums, len(orders), chair)

    ranked = sorted(CASES, key=lambda case: Fraction(*means[case]), reverse=True)
    expected = sorted(CASES, key=lambda case: (sums[case], chair.index(case) if case in chair else 0))
    assert ranked == expected
    assert sum(sums.values()) == len(orders) * sum(range(1, len(CASES) + 1))
    for case, mean in means.items():
        assert abs(Fraction(*mean) - (len(CASES) + 1 - Fraction(sums[case], len(orders)))) < Fraction(1, 1000)


@pytest.mark.parametrize("ordered", [[], CASES[:1], [CASES[0], CASES[0]], CASES])
def test_decision_on_ties_names_exactly_the_tied(ordered: list[UUID]) -> None:
    sums = {case: 10 if place < 2 else 20 + place for place, case in enumerate(CASES)}

    with pytest.raises(Refusal):
        check_tie_order(ordered, sums)


@pytest.mark.parametrize(
    ("state", "changes", "following"),
    [
        (PanelState.RECEIVING, {}, Next(step="receive")),
        (PanelState.POOLING, {"ready": 6}, Next(whom="office")),
        (PanelState.POOLING, {"ready": 7}, Next(step="start")),
        (PanelState.SCORING, {"expected": 1, "handed_in": 7}, Next(whom="expert", until_term=True)),
        (PanelState.SCORING, {"handed_in": 7}, Next(step="seal")),
        (PanelState.SCORING, {"handed_in": 6}, Next(whom="expert", until_term=True)),
        (PanelState.SCORING, {"handed_in": 6, "term_over": True}, Next(step="seal")),
        (PanelState.SHORT, {"handed_in": 6}, Next(whom="office")),
        (PanelState.SHORT, {"handed_in": 6, "ready": 1}, Next(step="start")),
        (PanelState.SEALED, {}, Next(step="confirm_unsealing")),
        (PanelState.SEALED, {"unsealing_confirmed": True}, Next(whom="custodian")),
        (PanelState.UNSEALED, {"ties_open": True}, Next(whom="review_chair")),
        (PanelState.UNSEALED, {}, Next(step="settle")),
        (PanelState.SETTLED, {}, Next(soon=True)),
        (PanelState.SETTLED, {"stored": True}, Next(step="close")),
        (PanelState.SCORING, {"standing_cases": 0}, Next(step="settle")),
    ],
)
def test_next_step_of_an_ordering(state: PanelState, changes: dict[str, object], following: Next) -> None:
    view = OrderingView(state=state, standing_cases=3, quorum=7).model_copy(update=changes)

    assert next_ordering_step(view) == following


def test_states_of_an_ordering_are_not_skipped() -> None:
    assert set(MAY_FOLLOW_ORDERING) | {PanelState.SETTLED} == set(ORDERING_WORDS)
    with pytest.raises(Conflict):
        moved(PanelState.POOLING, PanelState.SEALED, MAY_FOLLOW_ORDERING)
