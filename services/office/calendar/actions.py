"""Importing a year's notice."""

from services.office.calendar.domain import import_content
from shared.contracts.facts import CalendarImported
from shared.infra.calendars import current_calendar, take_in_notice
from shared.infra.database import Tx
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.calendar import WorkingCalendar, YearNotice, parse_notice
from shared.kernel.canonical import canonical, digest

IMPORT = "calendar.import"


async def calendar_with(tx: Tx, text: str) -> tuple[YearNotice, WorkingCalendar]:
    """The notice that a text holds and the calendar with it.

    Raises:
        BadNotice: the text cannot be read, or does not fit the calendar as it stands.
    """
    notice = parse_notice(text)
    return notice, (await current_calendar(tx)).with_year(notice)


async def import_notice(tx: Tx, text: str, ticket: Ticket | None) -> YearNotice:
    """Take in a year by two persons; every service follows by fact and looks at its running terms again."""
    notice, _ = await calendar_with(tx, text)
    content = import_content(notice)
    await use_ticket(tx, ticket, IMPORT, digest(content))
    kept = await tx.put_dossier(content, "calendar-notice")
    await take_in_notice(tx, notice.year, kept, canonical(content).decode())
    await tx.audit("calendar.imported", public=kept, year=notice.year, paper=notice.paper)
    await tx.emit(CalendarImported(year=notice.year, digest=kept))
    return notice
