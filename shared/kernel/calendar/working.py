"""The working calendar itself: which day is worked, why, and how far the answer can be relied on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Literal, NamedTuple

from shared.kernel.calendar.bounds import Festivals, is_weekend
from shared.kernel.calendar.notice import BadNotice, NoticeDay, YearNotice, chinese_day, parse_notice
from shared.kernel.canonical import digest
from shared.kernel.refusals import Refusal


class NotCovered(Refusal):
    """The calendar holds no data for a day; nobody may guess."""

    def __init__(self, day: date) -> None:
        super().__init__("calendar_not_covered", f"工作日历没有{chinese_day(day)}的数据，请先导入当年的放假安排。")
        self.day = day


class DayKind(NamedTuple):
    """What a day is and why; ``name`` is the festival's for statutory rest and make-up work, else empty."""

    kind: Literal["workday", "rest"]
    reason: Literal["weekend", "statutory", "make_up", "plain"]
    name: str


@dataclass(frozen=True)
class WorkingCalendar:
    """Notices laid over the plain week, the later over the earlier.

    ``first_day`` … ``last_day`` have data; up to ``covered_until`` (30 November of the last year) no later notice is
    expected to change them, because the next year's notice may speak of this December.
    """

    notices: tuple[YearNotice, ...]
    festivals: Festivals

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years that have their notice."""
        return tuple(sorted({notice.year for notice in self.notices}))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical notices: same notices, same digest."""
        return digest(self.notices)

    @cached_property
    def version(self) -> str:
        """Last year and the first 16 digits of the digest, such as ``2026-0123456789abcdef``."""
        return f"{self.years[-1]}-{self.digest[:16]}"

    @cached_property
    def first_day(self) -> date:
        """The first day with data."""
        return date(self.years[0], 1, 1)

    @cached_property
    def last_day(self) -> date:
        """The last day with data (its December may still change)."""
        return date(self.years[-1], 12, 31)

    @cached_property
    def covered_until(self) -> date:
        """The last day that is certain."""
        return date(self.years[-1], 11, 30)

    @cached_property
    def exceptions(self) -> dict[date, NoticeDay]:
        """Days that differ from the plain week or carry a festival's name."""
        return {row.day: row for notice in self.notices for row in notice.days}

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked; ``NotCovered`` outside the data."""
        if not self.first_day <= day <= self.last_day:
            raise NotCovered(day)
        row = self.exceptions.get(day)
        return row.kind == "work" if row else not is_weekend(day)

    def kind(self, day: date) -> DayKind:
        """What the day is, and by which festival; ``NotCovered`` outside the data."""
        worked, row = self.is_workday(day), self.exceptions.get(day)
        if not worked:
            return DayKind("rest", "statutory", row.name) if row else DayKind("rest", "weekend", "")
        if row and is_weekend(day):
            return DayKind("workday", "make_up", row.name)
        return DayKind("workday", "plain", "")

    def surely_workday(self, day: date) -> bool:
        """Worked under every notice still to come; counting these alone gives the latest bound."""
        if day <= self.covered_until:
            return self.is_workday(day)
        self._foreseeable(day)
        return not is_weekend(day) and day not in self.festivals.possible_rest

    def possibly_workday(self, day: date) -> bool:
        """Worked under some notice still to come; counting these gives the earliest bound."""
        if day <= self.covered_until:
            return self.is_workday(day)
        self._foreseeable(day)
        if is_weekend(day):
            return day in self.festivals.possible_work
        return day not in self.festivals.certain_rest

    def _foreseeable(self, day: date) -> None:
        if day.year not in self.festivals.years:
            raise NotCovered(day)

    def with_year(self, notice: YearNotice) -> "WorkingCalendar":
        """A new version with a notice laid over: the next year's, or a correction of a year already here.

        The next year's notice moves ``covered_until`` to 30 November of that year and may change December before it.

        Raises:
            BadNotice: year out of order, already imported, a festival missing, a plain weekday called 上班.
        """
        if any(known.paper == notice.paper for known in self.notices):
            raise BadNotice(f"{notice.paper}已经导入过，不必重复导入。")
        last = self.years[-1]
        if notice.year not in (*self.years, last + 1):
            raise BadNotice(f"现有日历到{last}年，只能接着导入{last + 1}年，或更正已有年份，不能导入{notice.year}年。")
        self._check_work_days(notice)
        new = WorkingCalendar((*self.notices, notice), self.festivals)
        new._check_festivals(notice.year)
        return new

    def _check_work_days(self, notice: YearNotice) -> None:
        """上班 on a day that is worked anyway is a slip of the pen, mostly of the year."""
        for row in notice.days:
            known = self.exceptions.get(row.day)
            if row.kind == "work" and not is_weekend(row.day) and not (known and known.kind == "rest"):
                raise BadNotice(f"{chinese_day(row.day)}本来就上班，不会是调休，请核对日期。")

    def _check_festivals(self, year: int) -> None:
        for day in self.festivals.certain_in(year):
            if self.is_workday(day):
                raise BadNotice(f"{chinese_day(day)}是法定节日，通知里却没有放假，请核对是否粘贴了全文。")


class ArrangementAlarm(StrEnum):
    """How pressing it is that the next year's notice is missing."""

    NONE = "none"
    DUE = "due"
    RED = "red"


def arrangement_alarm(calendar: WorkingCalendar, today: date) -> ArrangementAlarm:
    """``DUE`` from 1 November, ``RED`` from 10 December while next year is missing (and whenever today itself is)."""
    last = calendar.years[-1]
    if today.year > last or today >= date(last, 12, 10):
        return ArrangementAlarm.RED
    return ArrangementAlarm.DUE if today >= date(last, 11, 1) else ArrangementAlarm.NONE


def load_calendar(notices: Iterable[str], festivals: str) -> WorkingCalendar:
    """The calendar from the text of its files, laid over one another in order of publication."""
    parsed = sorted(map(parse_notice, notices), key=lambda notice: (notice.published_on, notice.paper))
    return WorkingCalendar(tuple(parsed), Festivals.from_text(festivals))
