"""The working calendar in force: the shipped years and those imported since."""

from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from shared.infra.calendar_files import load_shipped_calendar
from shared.infra.database import Tx
from shared.infra.tables import CalendarNotice
from shared.kernel.calendar import WorkingCalendar, parse_notice


@lru_cache(maxsize=8)
def _with_notices(notices: tuple[str, ...]) -> WorkingCalendar:
    calendar = load_shipped_calendar()
    for text in notices:
        calendar = calendar.with_year(parse_notice(text))
    return calendar


async def current_calendar(tx: Tx) -> WorkingCalendar:
    """The calendar this service computes terms by."""
    found = await tx.session.execute(select(CalendarNotice.content).order_by(CalendarNotice.year))  # type: ignore[call-overload]
    return _with_notices(tuple(found.scalars()))


async def take_in_notice(tx: Tx, year: int, digest: str, content: str) -> None:
    """Keep an imported year; the same notice twice is no change."""
    fresh = {"digest": digest, "content": content, "imported_at": tx.system_now}
    statement = insert(CalendarNotice).values(year=year, **fresh)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["year"], set_=fresh))
