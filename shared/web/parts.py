"""What the macros draw: frozen models with everything already decided, so that no template holds a rule."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.web.formats import last_day, short_date, short_term_end


class Part(BaseModel):
    """Something a macro draws; unknown fields are refused so that a misspelling is seen at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StepState(StrEnum):
    """State of one step of the stage line. Each has its own word and its own shape."""

    DONE = "done"
    CURRENT = "current"
    PAUSED = "paused"
    STUCK = "stuck"
    FUTURE = "future"
    CANCELLED = "cancelled"

    @property
    def word(self) -> str:
        """The state as people read it."""
        return _STEP_WORDS[self]


_STEP_WORDS = {
    StepState.DONE: "已完成",
    StepState.CURRENT: "进行中",
    StepState.PAUSED: "已暂停",
    StepState.STUCK: "待处理",
    StepState.FUTURE: "未开始",
    StepState.CANCELLED: "已终止",
}


class StageStep(Part):
    """One step of the stage line 申报 ─ 初审 ─ … with its term beneath.

    ``closes_at`` is the end instant of the term (24:00 is midnight of the next day). ``provisional`` terms lie
    beyond the covered calendar: they are dashed and read 预计.
    """

    name: str
    state: StepState
    opens_on: date | None = None
    closes_at: AwareDatetime | None = None
    provisional: bool = False
    note: str | None = None
    href: str | None = None

    @property
    def term(self) -> str:
        """The line beneath the name: 3月2日—3月27日, 至5月7日 24:00, 预计…, 待定."""
        if self.state is StepState.CANCELLED:
            return "—"
        return self._expected() + self._span()

    def _expected(self) -> str:
        return "预计 " if self.provisional and (self.opens_on or self.closes_at) else ""

    def _span(self) -> str:
        if self.closes_at is None:
            return f"{short_date(self.opens_on)}起" if self.opens_on else "日期待定"
        if self.state in (StepState.CURRENT, StepState.PAUSED, StepState.STUCK):
            return f"至{short_term_end(self.closes_at)}"
        closes_on = last_day(self.closes_at)
        if self.opens_on is None or self.opens_on == closes_on:
            return short_date(closes_on)
        return f"{short_date(self.opens_on)}—{short_date(closes_on)}"


class DayKind(StrEnum):
    """What a day of the strip is; 班 and 休 are the marks people know from the official calendar."""

    COUNTED = "counted"
    MAKEUP = "makeup"
    REST = "rest"
    HOLIDAY = "holiday"
    START = "start"
    PAUSED = "paused"
    PLAIN = "plain"
    OUTSIDE = "outside"


class CalendarDay(Part):
    """One day of a calendar strip. ``number`` is its place among the counted days."""

    day: date
    kind: DayKind
    number: int | None = None
    label: str | None = None
    today: bool = False

    @property
    def mark(self) -> str:
        """The word in the cell: 第3天, 班 第4天, 休, 起, 停."""
        if self.number is not None:
            return f"第{self.number}天"
        return {DayKind.REST: "休", DayKind.HOLIDAY: "休", DayKind.START: "起", DayKind.PAUSED: "停"}.get(self.kind, "")


def calendar_days(
    counted: Sequence[date],
    *,
    posted_on: date | None = None,
    paused: Collection[date] = (),
    labels: Mapping[date, str] | None = None,
    today: date | None = None,
) -> tuple[CalendarDay, ...]:
    """Every day from the posting to the last counted day, told apart by the counted list alone.

    A counted weekend day is a make-up working day (调休上班), an uncounted weekday a holiday: the list that the
    term was derived from is the only truth, no second calendar is asked. Whole weeks from Monday are returned.
    """
    if not counted:
        return ()
    numbers = {day: number for number, day in enumerate(sorted(counted), 1)}
    first, last = min(posted_on or counted[0], min(numbers)), max(numbers)
    shown = labels or {}
    return tuple(
        CalendarDay(
            day=day,
            kind=_kind(day, numbers, posted_on, paused, first, last),
            number=numbers.get(day),
            label=shown.get(day),
            today=day == today,
        )
        for day in _whole_weeks(first, last)
    )


def _whole_weeks(first: date, last: date) -> list[date]:
    monday = first - timedelta(days=first.weekday())
    sunday = last + timedelta(days=6 - last.weekday())
    return [monday + timedelta(days=step) for step in range((sunday - monday).days + 1)]


def _kind(
    day: date, numbers: Mapping[date, int], posted_on: date | None, paused: Collection[date], first: date, last: date
) -> DayKind:
    weekend = day.weekday() >= 5
    if day in numbers:
        return DayKind.MAKEUP if weekend else DayKind.COUNTED
    if not first <= day <= last:
        return DayKind.OUTSIDE
    if day == posted_on:
        return DayKind.START
    if day in paused:
        return DayKind.PAUSED
    return DayKind.REST if weekend else DayKind.HOLIDAY


def in_weeks(days: Sequence[CalendarDay]) -> list[Sequence[CalendarDay]]:
    """Rows of seven for the calendar strip."""
    return [days[at : at + 7] for at in range(0, len(days), 7)]


class Term(Part):
    """A term as people must see it: end, working days left, how it was derived, and whether it is provisional.

    ``working_days_left`` and ``today`` grow stale in pre-rendered pages: render those again at local midnight, or
    leave both None and let the date speak.
    """

    label: str
    ends_at: AwareDatetime
    working_days_left: int | None = None
    counted: tuple[date, ...] = ()
    posted_on: date | None = None
    paused: tuple[date, ...] = ()
    day_labels: Mapping[date, str] = Field(default_factory=dict)
    today: date | None = None
    provisional: bool = False
    earliest_end: AwareDatetime | None = None
    rule: str | None = None
    article: str | None = None
    article_href: str | None = None
    calendar_version: str | None = None

    @property
    def days(self) -> tuple[CalendarDay, ...]:
        """The calendar strip of this term."""
        return calendar_days(
            self.counted, posted_on=self.posted_on, paused=self.paused, labels=self.day_labels, today=self.today
        )


class Tone(StrEnum):
    """The kind of state a badge speaks of; the word carries the meaning, tone and shape support it."""

    NEUTRAL = "neutral"
    WORKING = "working"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    FINAL = "final"


class Badge(Part):
    """A state in a word, with a shape."""

    text: str
    tone: Tone = Tone.NEUTRAL


class Column(Part):
    """A column of a figures table. ``numeric`` columns are right-aligned with tabular figures."""

    label: str
    numeric: bool = False
    sortable: bool = True
    hint: str | None = None


class Link(Part):
    """Where to go and what it says."""

    label: str
    href: str


class Row(Part):
    """A row of a figures table: cells as shown, ``sort`` values where they differ from the text."""

    cells: tuple[str | Badge | Link, ...]
    sort: tuple[str, ...] | None = None
    href: str | None = None
    struck: bool = False


class FieldError(Part):
    """One thing wrong with one field; ``field`` is the name of the form field it stands beside."""

    field: str
    message: str


class Download(Part):
    """A file to hand out: what it is, how large, and the digest that proves it."""

    label: str
    href: str
    format: str
    octets: int | None = None
    sha256: str | None = None


class PersonLine(Part):
    """Who did it, as what, when."""

    name: str
    role: str
    organisation: str | None = None
    at: datetime | None = None
    note: str | None = None
