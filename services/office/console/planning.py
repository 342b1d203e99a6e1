"""A category's plan as the office sees it: when each stage must be over at the latest, and where it stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.office.console.domain import (
    RELEASE,
    Consequence,
    PlanStep,
    Running,
    Span,
    backwards,
    ceremony_by_default,
    consequence_of,
    forwards,
    plan_step,
    standing,
)
from services.office.console.overview import SHORT
from services.office.cycles.domain import CategoryState, PlanState
from services.office.cycles.reads import CategoryView, CycleView, StageView
from shared.kernel.calendar import Term, WorkingCalendar, business_date
from shared.kernel.refusals import Conflict
from shared.kernel.stages import StageChange
from shared.rulebook import Category, Rulebook, StageKind
from shared.web.formats import last_day, shanghai_date, short_date
from shared.web.parts import Badge, Column, Row, Tone

_RUNNING = (PlanState.OPEN, PlanState.PAUSED)
_ENDED = (CategoryState.RELEASED, CategoryState.CANCELLED)
COLUMNS = tuple(Column(label=label, sortable=False) for label in ("阶段", "期限", "最迟开始", "最迟结束", "目前安排"))


@dataclass(frozen=True)
class CategoryPlan:
    """A category's table, its sentence, and how many workdays are to spare (negative: that many too late)."""

    name: str
    key: str
    sentence: str
    spare: int | None
    rows: tuple[Row, ...]

    @property
    def badge(self) -> Badge:
        """How it stands in a word."""
        if self.spare is None:
            return Badge(text="无须计划", tone=Tone.NEUTRAL)
        if self.spare < 0:
            return Badge(text=f"将晚 {-self.spare} 个工作日", tone=Tone.BAD)
        return Badge(text=f"余 {self.spare} 个工作日", tone=Tone.GOOD if self.spare > 2 else Tone.WARNING)


def ceremony_of(calendar: WorkingCalendar, rulebook: Rulebook, cycle: CycleView) -> date | None:
    """The day of release: the one the office set, else the last workday of the rulebook's month of release."""
    if cycle.release_at is not None:
        return last_day(cycle.release_at)
    months = [
        stage.params.month
        for category in rulebook.categories
        for stage in category.stages
        if stage.kind is StageKind.RELEASE and stage.params.month is not None
    ]
    return ceremony_by_default(calendar, min(months), business_date(cycle.opened_at)) if months else None


def plans_of(
    calendar: WorkingCalendar, rulebook: Rulebook, cycle: CycleView, ceremony: date, today: date
) -> tuple[CategoryPlan, ...]:
    """The plan of every category's main track."""
    return tuple(plan_of(calendar, rulebook.category(one.key), one, ceremony, today) for one in cycle.categories)


def plan_of(
    calendar: WorkingCalendar, rules: Category, category: CategoryView, ceremony: date, today: date
) -> CategoryPlan:
    """One category against the ceremony."""
    stages = [stage for stage in category.stages if stage.supplement == 0]
    steps = [plan_step(stage) for stage in rules.stages]
    latest = backwards(calendar, steps, ceremony)
    at = next((n for n, stage in enumerate(stages) if stage.state not in (PlanState.CLOSED, PlanState.CANCELLED)), None)
    if at is None or category.state in _ENDED:
        rows = _rows(steps, stages, latest, ())
        return CategoryPlan(category.name, category.key, "本项目已经结束，无须再计划。", None, rows)
    expected = expected_spans(calendar, stages, steps, at, today)
    spare = workdays_between(calendar, expected[-1].begins_on, ceremony)
    return CategoryPlan(
        category.name,
        category.key,
        _sentences(steps, latest, at, ceremony),
        spare,
        _rows(steps, stages, latest, expected),
    )


def expected_spans(
    calendar: WorkingCalendar, stages: Sequence[StageView], steps: Sequence[PlanStep], at: int, today: date
) -> tuple[Span, ...]:
    """The stage at ``at`` and all later ones, as early as they can be from today on."""
    if stages[at].state not in _RUNNING:
        return forwards(calendar, steps[at:], today)
    running = running_of(stages[at], steps[at])
    ends_on, later = standing(calendar, running, steps[at + 1 :], today)
    opened = stages[at].opens_at
    begun = business_date(opened) if opened is not None else today
    return (Span(begun, ends_on, later[0].begins_on, stages[at].provisional), *later)


def running_of(stage: StageView, step: PlanStep) -> Running:
    """A running stage as its owner last stated it."""
    term = Term.model_validate(stage.term) if stage.term is not None else None
    return Running(step, term, stage.paused_on)


def workdays_between(calendar: WorkingCalendar, planned: date, ceremony: date) -> int:
    """How many workdays the release is before the ceremony; negative when it is after."""
    first, last, sign = (planned, ceremony, 1) if planned <= ceremony else (ceremony, planned, -1)
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sign * sum(calendar.surely_workday(day) for day in days)


def _sentences(steps: Sequence[PlanStep], latest: Sequence[Span], at: int, ceremony: date) -> str:
    """Of the stage that runs or is next; before the filing also of its end, which outsiders must know."""
    window = next((n for n, step in enumerate(steps) if step.kind == StageKind.APPLICATION_WINDOW), at)
    return "".join(_sentence(steps[n], latest[n], ceremony) for n in sorted({at, max(at, window)}))


def _sentence(step: PlanStep, span: Span, ceremony: date) -> str:
    name, missed = SHORT.get(StageKind(step.kind), step.title), f"否则赶不上{short_date(ceremony)}发布"
    if not step.terms:
        return f"{name}须在 {shanghai_date(span.begins_on)}前办结，{missed}。"
    return f"{name}须在 {shanghai_date(span.ends_on)}24:00 前截止，{missed}。"


def _rows(
    steps: Sequence[PlanStep], stages: Sequence[StageView], latest: Sequence[Span], expected: Sequence[Span]
) -> tuple[Row, ...]:
    spans = [None] * (len(steps) - len(expected)) + [*expected]
    return tuple(
        Row(
            cells=(
                stage.title,
                term_words(step),
                shanghai_date(last.begins_on),
                shanghai_date(last.ends_on) + ("（预计）" if last.provisional else ""),
                _arranged(stage, span, last),
            )
        )
        for step, stage, last, span in zip(steps, stages, latest, spans, strict=True)
    )


def term_words(step: PlanStep) -> str:
    """The step's terms, such as 3 + 10 个工作日."""
    if not step.terms:
        return "即时"
    unit = "个工作日" if step.terms[-1][1] == "working_days" else "日"
    return " + ".join(str(length) for length, _unit in step.terms) + f" {unit}"


def _arranged(stage: StageView, span: Span | None, latest: Span) -> str | Badge:
    if span is None:
        return _past(stage)
    words = short_date(span.begins_on)
    if span.ends_on != span.begins_on:
        words += f"—{short_date(span.ends_on)}"
    words += "（预计）" if stage.state == PlanState.PLANNED or span.provisional else ""
    return words if span.ends_on <= latest.ends_on else Badge(text=f"{words}，已晚", tone=Tone.BAD)


def _past(stage: StageView) -> str:
    if stage.closed_at is None:
        return "已终止" if stage.state == PlanState.CANCELLED else "—"
    return f"已于 {short_date(last_day(stage.closed_at))}结束"


@dataclass(frozen=True)
class Foreseen:
    """A change with everything the page says of it: this stage and each later one, before and after."""

    consequence: Consequence
    rows: tuple[Row, ...]
    ceremony: date | None


def foresee(
    calendar: WorkingCalendar,
    rulebook: Rulebook,
    cycle: CycleView,
    category: CategoryView,
    stage: StageView,
    change: StageChange,
    days: int | None,
    today: date,
) -> Foreseen:
    """What a change of this stage leads to."""
    if stage.state not in _RUNNING:
        raise Conflict("stage_not_running", "本阶段尚未开始或已经结束，不能变更。")
    stages = [one for one in category.stages if one.supplement == stage.supplement]
    steps = steps_of(rulebook.category(category.key), stages)
    at = stages.index(stage)
    later = steps[at + 1 :] if steps[-1].kind == StageKind.RELEASE else [*steps[at + 1 :], RELEASE]
    ceremony = ceremony_of(calendar, rulebook, cycle) if stage.supplement == 0 else None
    running = running_of(stage, steps[at])
    found = consequence_of(calendar, running, later, change, today, days=days, ceremony=ceremony)
    first = Row(cells=(stage.title, _day(found.ends_before), _day(found.ends_after)))
    rows = (first, *(_moved(step, n, found) for n, step in enumerate(later)))
    return Foreseen(found, rows, ceremony)


def steps_of(rules: Category, stages: Sequence[StageView]) -> list[PlanStep]:
    """The stages of a track as steps; those of a refilled seat are the rulebook's of the same kind."""
    by_kind = {stage.kind: plan_step(stage) for stage in rules.stages}
    return [by_kind[StageKind(stage.kind)] for stage in stages]


def _moved(step: PlanStep, n: int, found: Consequence) -> Row:
    return Row(cells=(step.title, _span(found.before, n), _span(found.after, n)))


def _span(spans: Sequence[Span], n: int) -> str:
    if not spans:
        return "—"
    span = spans[n]
    words = shanghai_date(span.begins_on)
    if span.ends_on != span.begins_on:
        words += f"至{shanghai_date(span.ends_on)}"
    return words + ("（预计）" if span.provisional else "")


def _day(day: date | None) -> str:
    return f"{shanghai_date(day)}24:00 届满" if day is not None else "—"
