"""The desk's queue: what is looked for, how it is ordered, and how long a case has waited in working days."""

from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.kernel.calendar import WorkingCalendar

PAGE = 50
SORTS = ("number", "name", "state", "waiting", "term", "assignee", "findings")
MINE, NOBODY, UNDECIDED_ONLY = "me", "none", "undecided"


class Wanted(BaseModel):
    """Filters, order and page of the queue; an empty field asks for nothing.

    ``waited``: at least so many working days with the office; ``due``: the applicant's term ends within so many.
    ``assignee``: ``me``, ``none`` or an account; ``state``: one state or ``undecided``; ``sort``: falling with ``-``.
    """

    model_config = ConfigDict(frozen=True)

    q: str = Field("", max_length=100)
    category: UUID | None = None
    state: str = Field("", max_length=20)
    district: str = Field("", max_length=40)
    waited: int | None = Field(None, ge=0, le=250)
    due: int | None = Field(None, ge=0, le=250)
    assignee: Literal["", "me", "none"] | UUID = ""
    findings: Literal["", "open", "none"] = ""
    paper: Literal["", "yes", "no"] = ""
    sort: str = Field("number", pattern=rf"^-?({'|'.join(SORTS)})$")
    page: int = Field(1, ge=1, le=100_000)

    @field_validator("category", "waited", "due", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("q", "district", "state", mode="after")
    @classmethod
    def _bare(cls, value: str) -> str:
        return value.strip()

    @property
    def order(self) -> tuple[str, bool]:
        """What to order by, and whether descending."""
        return self.sort.lstrip("-"), self.sort.startswith("-")


def _works(calendar: WorkingCalendar, day: date) -> bool:
    """Whether a day is a working day; beyond the covered years only what is certain counts."""
    return calendar.is_workday(day) if day <= calendar.covered_until else calendar.surely_workday(day)


def days_waited(calendar: WorkingCalendar, since: date, today: date) -> int:
    """Working days that have begun since a day, that day not counted."""
    return sum(_works(calendar, since + timedelta(days=step)) for step in range(1, (today - since).days + 1))


def waiting_at_least(calendar: WorkingCalendar, today: date, days: int) -> date:
    """The latest day on which a case must have come to have waited so many working days."""
    day, left = today, days
    while left > 0:
        left -= _works(calendar, day)
        day -= timedelta(days=1)
    return day


def ends_within(calendar: WorkingCalendar, today: date, days: int) -> date:
    """The last day a term may have that has at most so many working days left, today included."""
    day, left = today, days
    while True:
        left -= _works(calendar, day)
        if left < 0:
            return day - timedelta(days=1)
        day += timedelta(days=1)
