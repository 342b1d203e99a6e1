"""What comes next for a stage or a case."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.submission.domain.cases import UNDECIDED, CaseState
from services.submission.domain.steps import (
    DONE,
    IN_FLIGHT,
    SOON,
    WAIT,
    HandOver,
    Next,
    OpenTerm,
    ended_by_act,
    in_screening,
    in_window,
)
from shared.kernel.stages import StageState

NOW = datetime(2026, 1, 20, 1, tzinfo=UTC)
DAY = timedelta(days=1)
OPEN = StageState.OPEN


@pytest.mark.parametrize(
    ("state", "remind_in", "closes_in", "expected"),
    [
        (OPEN, DAY, 3 * DAY, Next("wait", NOW + DAY)),
        (OPEN, -DAY, 3 * DAY, Next("remind")),
        (OPEN, None, 3 * DAY, Next("wait", NOW + 3 * DAY + IN_FLIGHT)),
        (OPEN, -DAY, -DAY, Next("close")),
        (OPEN, None, timedelta(0), Next("wait", NOW + IN_FLIGHT)),
        (OPEN, None, -IN_FLIGHT, Next("close")),
        (StageState.PAUSED, -DAY, -DAY, WAIT),
        (StageState.CLOSED, -DAY, -DAY, DONE),
        (StageState.CANCELLED, None, None, DONE),
    ],
)
def test_a_window(state: StageState, remind_in: timedelta | None, closes_in: timedelta | None, expected: Next) -> None:
    remind_at = None if remind_in is None else NOW + remind_in
    closes_at = None if closes_in is None else NOW + closes_in

    assert in_window(state, NOW, remind_at, closes_at) == expected


@pytest.mark.parametrize(
    ("hand_over", "expected"),
    [
        (None, WAIT),
        (HandOver(prepared=False, stored=True, frozen=False), Next("prepare")),
        (HandOver(prepared=True, stored=False, frozen=False), SOON),
        (HandOver(prepared=True, stored=True, frozen=False), Next("freeze")),
        (HandOver(prepared=True, stored=False, frozen=True), SOON),
        (HandOver(prepared=True, stored=True, frozen=True), Next("close")),
    ],
)
def test_a_hand_over_waits_until_everything_is_stored(hand_over: HandOver | None, expected: Next) -> None:
    assert ended_by_act(OPEN, NOW, None, office_called=True, hand_over=hand_over) == expected


def test_the_office_is_called_once_at_the_end_of_a_term() -> None:
    closes_at = NOW + DAY

    assert ended_by_act(OPEN, NOW, closes_at, False, None) == Next("wait", closes_at)
    assert ended_by_act(OPEN, closes_at, closes_at, False, None) == Next("call_office")
    assert ended_by_act(OPEN, closes_at, closes_at, True, None) == WAIT
    assert ended_by_act(StageState.PAUSED, closes_at, closes_at, False, None) == WAIT
    assert ended_by_act(StageState.CLOSED, closes_at, closes_at, False, None) == DONE


def term(*, reminded: bool = False, held: bool = False) -> OpenTerm:
    return OpenTerm(closes_at=NOW + 3 * DAY, remind_at=NOW + DAY, reminded=reminded, held=held)


@pytest.mark.parametrize(
    ("at", "running", "expected"),
    [
        (NOW, term(), Next("wait", NOW + DAY)),
        (NOW + DAY, term(), Next("remind")),
        (NOW + DAY, term(reminded=True), Next("wait", NOW + 3 * DAY + IN_FLIGHT)),
        (NOW + 3 * DAY, term(reminded=True), Next("wait", NOW + 3 * DAY + IN_FLIGHT)),
        (NOW + 3 * DAY, term(), Next("wait", NOW + 3 * DAY + IN_FLIGHT)),
        (NOW + 3 * DAY + IN_FLIGHT, term(reminded=True), Next("lapse")),
        (NOW + 4 * DAY, term(), Next("lapse")),
        (NOW + 9 * DAY, term(held=True), WAIT),
    ],
)
def test_a_rectification(at: datetime, running: OpenTerm, expected: Next) -> None:
    assert in_screening(CaseState.RECTIFYING, at, running) == expected


def test_an_accepted_case_waits_for_the_office() -> None:
    assert in_screening(CaseState.ACCEPTED, NOW, None) == WAIT


@given(state=st.sampled_from(CaseState), hours=st.integers(-200, 200), reminded=st.booleans(), held=st.booleans())
def test_nothing_lapses_early_and_nothing_wakes_a_decided_case(
    state: CaseState, hours: int, reminded: bool, held: bool
) -> None:
    now = NOW + timedelta(hours=hours)

    step = in_screening(state, now, term(reminded=reminded, held=held))

    if state not in UNDECIDED:
        assert step == DONE
    if step.step == "lapse":
        assert now >= NOW + 3 * DAY
    if step.step == "wait" and step.until is not None:
        assert step.until > now
