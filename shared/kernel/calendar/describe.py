"""A term told in plain Chinese: from when, which days, until when, and why it is not simply a week later."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from shared.kernel.calendar.bounds import is_weekend, next_day
from shared.kernel.calendar.dates import ONE_DAY, business_date
from shared.kernel.calendar.term import Term


def describe(term: Term) -> str:
    """The derivation in one sentence: 自2026年5月7日次日起算，第5个工作日为5月13日，至当日24时止."""
    remarks = "；".join(_remarks(term))
    return f"自{_full(term.starts_on)}次日起算，{_paused(term)}{_end(term)}" + (f"（{remarks}）" if remarks else "")


def _paused(term: Term) -> str:
    if term.resumed_on is None:
        return ""
    return f"暂停前已计{len(term.carried_days)}{_unit(term)}，{_short(term.resumed_on, term)}恢复后续计，"


def _end(term: Term) -> str:
    nth = f"第{term.length}{_unit(term)}"
    if term.provisional:
        first, last = _last(term.earliest_closes_at), _last(term.latest_closes_at)
        between = f"{_full(first)}至{_full(last)}之间" if first < last else _full(last)
        return f"{nth}预计在{between}，暂按{_full(last)}24时止"
    day = term.counted_days[term.length - 1]
    if day == term.last_day:
        return f"{nth}为{_short(day, term)}，至当日24时止"
    return f"{nth}为{_short(day, term)}，逢休息日顺延至{_short(term.last_day, term)}，至当日24时止"


def _remarks(term: Term) -> Iterator[str]:
    if term.unit == "working_days":
        if worked := [day for day in term.counted_days if is_weekend(day)]:
            yield f"调休上班：{_spans(worked, term)}"
        if rested := list(_weekdays_skipped(term)):
            yield f"{'预计' if term.provisional else ''}放假不计：{_spans(rested, term)}"
    if term.provisional:
        yield "所跨年度的放假安排尚未全部公布，公布后重新计算"


def _weekdays_skipped(term: Term) -> Iterator[date]:
    """Mondays to Fridays that did not count because they are holidays; a pause is told elsewhere."""
    counted = frozenset(term.counted_days)
    day = term.starts_on
    while (day := next_day(day)) < term.last_day:
        if not is_weekend(day) and day not in counted and not _in_pause(day, term):
            yield day


def _in_pause(day: date, term: Term) -> bool:
    if term.resumed_on is None:
        return False
    return (term.carried_days[-1] if term.carried_days else term.starts_on) < day <= term.resumed_on


def _spans(days: Sequence[date], term: Term) -> str:
    """Days in a row joined: 10月1日至2日、10月5日至8日."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == ONE_DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(_run(run, term) for run in runs)


def _run(run: Sequence[date], term: Term) -> str:
    first, last = run[0], run[-1]
    if first == last:
        return _short(first, term)
    end = f"{last.day}日" if first.month == last.month else _short(last, term)
    return f"{_short(first, term)}至{end}"


def _unit(term: Term) -> str:
    return "个工作日" if term.unit == "working_days" else "日"


def _full(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _short(day: date, term: Term) -> str:
    """Without the year while it is that of the start."""
    return f"{day.month}月{day.day}日" if day.year == term.starts_on.year else _full(day)


def _last(closes_at: datetime) -> date:
    """The day whose 24:00 an instant is."""
    return business_date(closes_at) - ONE_DAY
