"""Importing a year's notice: handed in by one person, imported once a second one has agreed."""

from uuid import UUID

from services.office.calendar import store
from services.office.calendar.domain import import_content
from services.office.calendar.tables import CalendarImport
from shared.contracts.facts import CalendarImported
from shared.infra.calendars import current_calendar, take_in_notice
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.calendar import WorkingCalendar, YearNotice, parse_notice
from shared.kernel.canonical import canonical, digest
from shared.kernel.refusals import Conflict

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


async def hand_in_notice(tx: Tx, text: str, source_name: str) -> CalendarImport:
    """Keep a notice as it was pasted or read from a file, for a second person to agree to; nothing changes yet."""
    notice, _ = await calendar_with(tx, text)
    kept = CalendarImport(
        import_id=new_id(),
        year=notice.year,
        paper=notice.paper,
        digest=digest(import_content(notice)),
        source_name=source_name,
        source=text,
        asked_by=tx.actor.account_id or UUID(int=0),
        asked_at=tx.now,
    )
    tx.session.add(kept)
    await tx.session.flush()
    await tx.audit("calendar.handed_in", year=notice.year, paper=notice.paper, digest=kept.digest)
    return kept


async def import_handed_in(tx: Tx, import_id: UUID, ticket: Ticket | None) -> YearNotice:
    """Take in the notice that two persons agreed to."""
    kept = await store.import_row(tx, import_id, update=True)
    if kept.imported_at is not None:
        raise Conflict("already_imported", "这份放假安排已经导入。")
    notice = await import_notice(tx, kept.source, ticket)
    kept.imported_by, kept.imported_at = tx.actor.account_id, tx.now
    tx.session.add(kept)
    return notice
