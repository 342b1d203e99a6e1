"""What an import would do, for programs and pages alike."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.office.calendar.actions import IMPORT, calendar_with
from services.office.calendar.domain import import_content, moves_under
from services.office.calendar.terms import open_terms, places_of_open_terms
from shared.infra.database import Tx
from shared.kernel.canonical import digest


class MoveView(BaseModel):
    """A running term that would move or become certain; ``place`` says of which category's stage it is."""

    model_config = ConfigDict(from_attributes=True)

    stage_id: UUID
    place: str = ""
    before: datetime
    after: datetime
    provisional_before: bool
    provisional_after: bool


class DayView(BaseModel):
    """A day that differs from the plain week."""

    day: date
    kind: str
    name: str


class Preview(BaseModel):
    """What an import would do, and what to ask the two-person ticket for."""

    year: int
    paper: str
    days: list[DayView]
    moves: list[MoveView]
    act: str
    digest: str
    subject: str


async def preview_of(tx: Tx, text: str) -> Preview:
    """Read a notice and say what it would change; nothing is kept."""
    notice, new = await calendar_with(tx, text)
    content = import_content(notice)
    places = await places_of_open_terms(tx)
    moved = [MoveView.model_validate(move) for move in moves_under(new, await open_terms(tx))]
    return Preview(
        year=notice.year,
        paper=notice.paper,
        days=[DayView(**day.model_dump()) for day in notice.days],
        moves=[one.model_copy(update={"place": places[one.stage_id]}) for one in moved],
        act=IMPORT,
        digest=digest(content),
        subject=f"导入{notice.year}年放假安排（{notice.paper}）",
    )
