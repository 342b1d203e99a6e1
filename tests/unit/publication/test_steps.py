"""What the procedures do next; a term never ends early."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.publication.domain.steps import WAIT, Desk, Next, in_call, in_publicity, in_vote
from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import count_term
from shared.kernel.stages import RUNNING, StageState

CALENDAR = load_shipped_calendar()
ENDS = datetime(2026, 5, 11, 16, tzinfo=UTC)
RUNS = Desk(state=StageState.OPEN, received=True, posted=True, closes_at=ENDS, frozen=False)


@given(st.dates(date(2005, 1, 1), date(2026, 10, 1)), st.integers(5, 30))
def test_publicity_waits_up_to_the_last_second_of_the_last_counted_day(posted_on: date, length: int) -> None:
    closes_at = count_term(CALENDAR, posted_on, length, "working_days").closes_at
    desk = replace(RUNS, closes_at=closes_at)

    assert in_publicity(desk, closes_at - timedelta(seconds=1)) == Next("wait", closes_at)
    assert in_publicity(desk, closes_at) == Next("freeze")


STATES, YES_OR_NO = st.sampled_from([None, *StageState]), st.booleans()
ENDLESS = st.builds(Desk, state=STATES, received=YES_OR_NO, posted=YES_OR_NO, frozen=YES_OR_NO, stored=YES_OR_NO)


@given(ENDLESS)
def test_stage_without_a_term_is_never_frozen_or_counted(desk: Desk) -> None:
    now = datetime(2040, 1, 1, tzinfo=UTC)

    assert in_publicity(desk, now).step not in ("freeze", "close")
    assert in_vote(desk, now).step != "close"


@given(st.builds(Desk, state=st.sampled_from([None, *StageState]), posted=st.booleans()))
def test_ended_stage_is_done_and_an_unopened_one_begins(desk: Desk) -> None:
    for found in (in_call(desk), in_publicity(desk, ENDS), in_vote(desk, ENDS)):
        assert (found.step == "begin") == (desk.state is None)
        assert (found.step == "done") == (desk.state is not None and desk.state not in RUNNING)


def test_publicity_goes_step_by_step() -> None:
    assert in_publicity(Desk(state=StageState.OPEN), ENDS) == Next("receive")
    assert in_publicity(Desk(state=StageState.OPEN, received=True), ENDS) == WAIT
    assert in_publicity(RUNS, ENDS) == Next("freeze")
    assert in_publicity(replace(RUNS, frozen=True), ENDS) == Next("wait", soon=True)
    assert in_publicity(replace(RUNS, frozen=True, stored=True), ENDS) == Next("close")


def test_paused_stage_waits_whatever_the_time() -> None:
    paused = replace(RUNS, state=StageState.PAUSED)

    assert in_publicity(paused, ENDS + timedelta(days=9)) == WAIT
    assert in_vote(paused, ENDS + timedelta(days=9)) == WAIT
    assert in_call(replace(paused, posted=True)) == WAIT
