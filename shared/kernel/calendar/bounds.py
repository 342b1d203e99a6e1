"""What the next notice may still decide: which days may become rest, which weekends may be worked.

A notice moves days only around seven festivals, whose dates are astronomy or law and known decades ahead. Each
festival gets a window of days that may be rest and a wider window whose weekends may be worked instead. The windows
hold every notice from 2008 to 2026 (a test says so); an emergency order such as that of September 2015 or the
extension of 2020 is outside any forecast.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, TypeAdapter

from shared.kernel.calendar.dates import ONE_DAY


class MovingFeasts(BaseModel):
    """The festivals of one year that follow moon and sun: 春节初一, 清明, 端午, 中秋."""

    model_config = ConfigDict(frozen=True)

    spring_festival: date
    qingming: date
    dragon_boat: date
    mid_autumn: date


@dataclass(frozen=True)
class Festivals:
    """Days the law fixes and the windows around them, for every year of the table."""

    years: frozenset[int]
    certain_rest: frozenset[date]
    possible_rest: frozenset[date]
    possible_work: frozenset[date]

    @classmethod
    def from_text(cls, text: str) -> "Festivals":
        """Read ``festivals.json``: year → dates of the four moving festivals."""
        table = TypeAdapter(dict[int, MovingFeasts]).validate_python(json.loads(text))
        return cls(
            years=frozenset(table),
            certain_rest=frozenset(day for year, feasts in table.items() for day in _certain_rest(year, feasts)),
            possible_rest=frozenset(day for year, feasts in table.items() for day in _possible_rest(year, feasts)),
            possible_work=frozenset(day for year, feasts in table.items() for day in _possible_work(year, feasts)),
        )

    def certain_in(self, year: int) -> tuple[date, ...]:
        """The days of a year that are rest whatever the notice says."""
        return tuple(sorted(day for day in self.certain_rest if day.year == year))


def _certain_rest(year: int, feasts: MovingFeasts) -> Iterator[date]:
    """Days that are rest in every version of 全国年节及纪念日放假办法 since 2008 (the eve and 2 May are not)."""
    yield date(year, 1, 1)
    yield from _days(feasts.spring_festival, 0, 1)
    if year >= 2008:
        yield from (feasts.qingming, feasts.dragon_boat, feasts.mid_autumn)
    yield date(year, 5, 1)
    yield from _days(date(year, 10, 1), 0, 2)


def _possible_rest(year: int, feasts: MovingFeasts) -> Iterator[date]:
    """Every day that can belong to a block: 9 days at the Spring Festival, 5 at Labour Day, 8 in October, else 3."""
    yield from _days(date(year, 1, 1), -2, 2)
    yield from _days(feasts.spring_festival, -2, 7)
    yield from _days(date(year, 5, 1), -3, 4)
    yield from _days(date(year, 10, 1), -2, 7)
    for day in (feasts.qingming, feasts.dragon_boat, feasts.mid_autumn):
        yield from _days(day, -2, 2)


def _possible_work(year: int, feasts: MovingFeasts) -> Iterator[date]:
    """Weekends near enough to a festival to be worked for it, certain rest days excepted."""
    certain = frozenset(_certain_rest(year, feasts))
    near = [
        *_days(date(year, 1, 1), -7, 7),
        *_days(feasts.spring_festival, -14, 14),
        *_days(date(year, 5, 1), -14, 14),
        *_days(date(year, 10, 1), -14, 14),
    ]
    for day in (feasts.qingming, feasts.dragon_boat, feasts.mid_autumn):
        near += _days(day, -7, 7)
    yield from (day for day in near if is_weekend(day) and day not in certain)


def _days(feast: date, first: int, last: int) -> Iterator[date]:
    return (feast + timedelta(days=offset) for offset in range(first, last + 1))


def is_weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= 5


def next_day(day: date) -> date:
    """The day after."""
    return day + ONE_DAY
