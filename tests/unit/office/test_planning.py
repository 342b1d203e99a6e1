"""Planning backwards from the ceremony, and what a change of a stage leads to: properties and known years."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.office.console.domain import (
    RELEASE,
    Consequence,
    PlanStep,
    Running,
    backwards,
    ceremony_by_default,
    consequence_of,
    forwards,
    lawful_from,
    plan_step,
    reaches,
    workday_from,
)
from shared.infra.calendar_files import load_shipped_calendar
from shared.infra.rulebooks import load_shipped
from shared.kernel.calendar import count_term
from shared.kernel.refusals import Conflict, Refusal
from shared.kernel.stages import StageChange

CALENDAR = load_shipped_calendar()
ONE_DAY = timedelta(days=1)
TERM = st.tuples(st.integers(1, 25), st.sampled_from(["working_days", "calendar_days"]))
TERMS = st.lists(TERM, max_size=2).map(tuple)
STEP = st.builds(PlanStep, kind=st.just("screening"), title=st.just("阶段"), terms=TERMS)
STEPS = st.lists(STEP, min_size=1, max_size=7).map(lambda steps: [*steps, RELEASE])
DAY = st.dates(date(2010, 1, 1), date(2027, 12, 31))
PIONEER = [
    plan_step(stage) for stage in load_shipped()["qingdao-economic-achievements"].category("new_quality_pioneer").stages
]


@given(STEPS, DAY)
@settings(max_examples=120, deadline=None)
def test_forward_from_the_latest_begin_reaches_the_ceremony_and_one_day_later_does_not(
    steps: list[PlanStep], ceremony: date
) -> None:
    latest = backwards(CALENDAR, steps, ceremony)

    assert reaches(forwards(CALENDAR, steps, latest[0].begins_on), ceremony)
    assert not reaches(forwards(CALENDAR, steps, latest[0].begins_on + ONE_DAY), ceremony)


@given(STEPS, DAY)
@settings(max_examples=60, deadline=None)
def test_every_later_step_is_as_late_as_can_be_too(steps: list[PlanStep], ceremony: date) -> None:
    latest = backwards(CALENDAR, steps, ceremony)

    for at, span in enumerate(latest):
        assert reaches(forwards(CALENDAR, steps[at:], span.begins_on), ceremony)
        assert not reaches(forwards(CALENDAR, steps[at:], span.begins_on + ONE_DAY), ceremony)


@given(STEPS, DAY, st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_a_later_ceremony_never_asks_for_an_earlier_begin(steps: list[PlanStep], ceremony: date, more: int) -> None:
    sooner, later = backwards(CALENDAR, steps, ceremony), backwards(CALENDAR, steps, ceremony + more * ONE_DAY)

    assert all(one.begins_on <= other.begins_on for one, other in zip(sooner, later, strict=True))


def test_the_year_2026_counts_back_from_the_end_of_may_over_labour_day() -> None:
    latest = backwards(CALENDAR, PIONEER, date(2026, 5, 29))

    assert [(step.title, span.begins_on, span.ends_on) for step, span in zip(PIONEER, latest, strict=True)] == [
        ("启动申报", date(2026, 3, 11), date(2026, 3, 11)),
        # 清明 4月6日放假
        ("推荐申报", date(2026, 3, 11), date(2026, 4, 9)),
        ("材料初审", date(2026, 4, 10), date(2026, 4, 17)),
        # 承诺 3 日，评分 10 日；5月1日至5日放假，5月9日上班
        ("专家审查", date(2026, 4, 20), date(2026, 5, 12)),
        ("研究决定", date(2026, 5, 13), date(2026, 5, 13)),
        ("意见征询", date(2026, 5, 13), date(2026, 5, 20)),
        ("结果公示", date(2026, 5, 21), date(2026, 5, 28)),
        ("对外发布", date(2026, 5, 29), date(2026, 5, 29)),
    ]


@pytest.mark.parametrize(
    ("opened", "ceremony"),
    [
        (date(2026, 1, 5), date(2026, 5, 29)),
        (date(2026, 5, 29), date(2026, 5, 29)),
        (date(2026, 5, 30), date(2027, 5, 31)),
        (date(2026, 11, 22), date(2027, 5, 31)),
    ],
)
def test_the_ceremony_is_the_last_workday_of_the_next_may(opened: date, ceremony: date) -> None:
    assert ceremony_by_default(CALENDAR, 5, opened) == ceremony


def test_a_plan_beyond_the_published_calendar_is_provisional() -> None:
    spans = forwards(CALENDAR, PIONEER, date(2026, 11, 20))

    assert [span.provisional for span in spans] == [False, True, True, True, False, True, True, False]


WINDOW, LATER = PIONEER[1], PIONEER[2:]
STARTED = date(2026, 3, 2)


def asked(
    change: StageChange, today: date, *, at: int = 1, paused_on: date | None = None, **more: object
) -> Consequence:
    step = PIONEER[at]
    length, unit = step.terms[-1]
    running = Running(step, count_term(CALENDAR, STARTED, length, unit), paused_on)
    known = {"ceremony": date(2026, 5, 29), **more}
    return consequence_of(CALENDAR, running, PIONEER[at + 1 :], change, today, **known)  # type: ignore[arg-type]


def test_an_extension_says_which_later_terms_move_and_how_far_it_may_go() -> None:
    found = asked(StageChange.EXTEND, date(2026, 3, 10), days=3)

    assert (found.ends_before, found.ends_after) == (date(2026, 3, 30), date(2026, 4, 2))
    assert (found.misses_before, found.misses_after) == (False, False)
    assert all(one.begins_on > other.begins_on for one, other in zip(found.after, found.before, strict=True))
    assert found.most_days is not None
    assert not asked(StageChange.EXTEND, date(2026, 3, 10), days=found.most_days).misses_after
    assert asked(StageChange.EXTEND, date(2026, 3, 10), days=found.most_days + 1).misses_after


@pytest.mark.parametrize("days", [None, 0, 61])
def test_an_extension_by_no_days_or_too_many_is_refused_at_its_field(days: int | None) -> None:
    with pytest.raises(Refusal) as refused:
        asked(StageChange.EXTEND, date(2026, 3, 10), days=days)

    assert (refused.value.code, refused.value.field) == ("bad_days", "days")


def test_a_pause_names_the_last_day_to_resume_without_missing_the_ceremony() -> None:
    found = asked(StageChange.PAUSE, date(2026, 3, 10))

    assert found.resume_by is not None
    resumed = asked(StageChange.RESUME, found.resume_by, paused_on=date(2026, 3, 10))
    too_late = workday_from(CALENDAR, found.resume_by + ONE_DAY)
    assert not resumed.misses_after
    assert asked(StageChange.RESUME, too_late, paused_on=date(2026, 3, 10)).misses_after


def test_resuming_keeps_the_days_counted_before_the_pause() -> None:
    found = asked(StageChange.RESUME, date(2026, 3, 16), paused_on=date(2026, 3, 11))

    assert (found.ends_before, found.before) == (None, ())
    # Six days were over on 11 March; the other fourteen count from 17 March.
    assert found.ends_after == date(2026, 4, 3)


def test_an_advance_lets_the_next_stage_begin_today() -> None:
    found = asked(StageChange.ADVANCE, date(2026, 3, 10))

    assert found.ends_after == date(2026, 3, 9)
    assert found.after[0].begins_on == date(2026, 3, 10)
    assert found.after[-1].begins_on < found.before[-1].begins_on


def test_a_publicity_is_never_advanced_below_its_lawful_minimum_and_the_refusal_names_the_day() -> None:
    publicity = 6
    with pytest.raises(Conflict) as refused:
        asked(StageChange.ADVANCE, date(2026, 3, 9), at=publicity)

    assert refused.value.code == "lawful_minimum"
    assert "2026年3月10日" in refused.value.message
    assert asked(StageChange.ADVANCE, date(2026, 3, 10), at=publicity).ends_after == date(2026, 3, 9)


@given(DAY.filter(lambda day: day < date(2026, 11, 1)), st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_an_advance_is_refused_exactly_before_the_day_that_the_law_frees(starts_on: date, after: int) -> None:
    publicity, today = PIONEER[6], starts_on + after * ONE_DAY
    term = count_term(CALENDAR, starts_on, 8, "working_days")
    free = lawful_from(term, publicity.minimum)
    assert free is not None
    assume(today.year < 2027)

    try:
        consequence_of(CALENDAR, Running(publicity, term), [RELEASE], StageChange.ADVANCE, today)
    except Conflict:
        assert today < free
    else:
        assert today >= free


def test_a_cancelled_stage_is_followed_by_nothing() -> None:
    found = asked(StageChange.CANCEL, date(2026, 3, 10))

    assert (found.ends_after, found.after, found.misses_after) == (None, (), False)


def test_a_stage_without_a_term_has_nothing_to_extend_or_advance() -> None:
    running = Running(PIONEER[4], None)
    for change in (StageChange.EXTEND, StageChange.ADVANCE):
        with pytest.raises(Conflict) as refused:
            consequence_of(CALENDAR, running, PIONEER[5:], change, date(2026, 5, 11), days=2)
        assert refused.value.code == "no_term"
