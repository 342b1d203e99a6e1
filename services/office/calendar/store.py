"""Reads of notices handed in."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from services.office.calendar.tables import CalendarImport
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound


async def import_row(tx: Tx, import_id: UUID, *, update: bool = False) -> CalendarImport:
    """A notice that was handed in."""
    found = await tx.session.get(CalendarImport, import_id, with_for_update=update or None, populate_existing=update)
    if found is None:
        raise NotFound("没有这份放假安排。")
    return found


async def all_imports(tx: Tx, limit: int = 50) -> Sequence[CalendarImport]:
    """Notices handed in, newest first."""
    return (
        await tx.session.exec(select(CalendarImport).order_by(col(CalendarImport.asked_at).desc()).limit(limit))
    ).all()
