"""The stage row's states: every state × change, and what an act may find."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.refusals import Conflict
from shared.kernel.stages import RUNNING, StageChange, StageState, may_change, over_at, require_open

OPENS = datetime(2026, 1, 5, 1, tzinfo=UTC)
CLOSES = datetime(2026, 2, 2, 16, tzinfo=UTC)

ALLOWED = {
    StageState.OPEN: {StageChange.EXTEND, StageChange.PAUSE, StageChange.ADVANCE, StageChange.CANCEL},
    StageState.PAUSED: {StageChange.RESUME, StageChange.CANCEL},
    StageState.CLOSED: set(),
    StageState.CANCELLED: set(),
}
AFTER = {
    StageChange.PAUSE: StageState.PAUSED,
    StageChange.RESUME: StageState.OPEN,
    StageChange.CANCEL: StageState.CANCELLED,
}


@pytest.mark.parametrize("state", StageState)
@pytest.mark.parametrize("change", StageChange)
def test_a_change_is_allowed_or_refused(state: StageState, change: StageChange) -> None:
    if change in ALLOWED[state]:
        may_change(state, change)
        return
    with pytest.raises(Conflict) as refused:
        may_change(state, change)

    assert refused.value.code == "stage_state"


@given(st.lists(st.sampled_from(StageChange), max_size=12))
def test_a_stage_that_has_ended_never_runs_again(changes: list[StageChange]) -> None:
    states = [StageState.OPEN]
    for change in changes:
        if change in ALLOWED[states[-1]]:
            states.append(AFTER.get(change, states[-1]))

    assert not [late for early, late in pairwise(states) if early not in RUNNING and late in RUNNING]


def code_of(state: StageState, now: datetime, closes_at: datetime | None = CLOSES) -> str | None:
    try:
        require_open(state, OPENS, closes_at, now)
    except Conflict as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (StageState.OPEN, None),
        (StageState.PAUSED, "stage_paused"),
        (StageState.CLOSED, "stage_closed"),
        (StageState.CANCELLED, "stage_closed"),
    ],
)
def test_only_an_open_stage_takes_acts(state: StageState, code: str | None) -> None:
    assert code_of(state, OPENS) == code


def test_the_row_decides_at_the_instant() -> None:
    least = timedelta(microseconds=1)

    assert code_of(StageState.OPEN, OPENS - least) == "stage_not_open"
    assert code_of(StageState.OPEN, CLOSES - least) is None
    assert code_of(StageState.OPEN, CLOSES) == "term_over"
    assert code_of(StageState.OPEN, CLOSES + timedelta(days=9), None) is None


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)))  # noqa: DTZ001 - zone below
def test_an_open_stage_takes_acts_in_its_term_and_at_no_other_time(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)

    assert (code_of(StageState.OPEN, now) is None) == (OPENS <= now < CLOSES)


@pytest.mark.parametrize("kind", ["application_window", "public_vote", "consultation", "publicity"])
def test_a_stage_that_ends_with_its_term_was_over_at_the_terms_end_however_late_it_was_closed(kind: str) -> None:
    assert over_at(kind, CLOSES, CLOSES + timedelta(seconds=6)) == CLOSES
    assert over_at(kind, CLOSES, CLOSES + timedelta(hours=9)) == CLOSES
    assert over_at(kind, CLOSES, CLOSES - timedelta(days=2)) == CLOSES - timedelta(days=2)


def test_a_stage_that_the_office_ends_was_over_when_it_was_ended_also_past_its_term() -> None:
    late = CLOSES + timedelta(days=3)
    assert over_at("screening", CLOSES, late) == late
    assert over_at("publicity", None, late) == late
