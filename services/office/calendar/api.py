"""The working calendar as JSON: what is covered, what an import would change, the import itself."""

from datetime import date, datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.office.calendar.actions import IMPORT, calendar_with, import_notice
from services.office.calendar.domain import import_content, moves_under
from services.office.calendar.terms import open_terms
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.kernel.calendar import arrangement_alarm, business_date
from shared.kernel.canonical import digest
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/office/calendar", tags=["calendar"])


class NoticeText(BaseModel):
    """The notice as printed by the State Council, or as data."""

    model_config = ConfigDict(extra="forbid")

    notice: str = Field(max_length=50_000)


class CalendarView(BaseModel):
    """The calendar in force; ``alarm`` says how pressing the next year's notice is."""

    version: str
    first_year: int
    last_year: int
    covered_until: date
    alarm: str


class MoveView(BaseModel):
    """A running term that would move or become certain."""

    model_config = ConfigDict(from_attributes=True)

    stage_id: UUID
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


class Imported(BaseModel):
    """What was imported."""

    year: int
    paper: str


@router.get("")
async def calendar(act: Act = acting("cycle.read")) -> CalendarView:
    """The calendar in force."""

    async def read(tx: Tx) -> CalendarView:
        found = await current_calendar(tx)
        return CalendarView(
            version=found.version,
            first_year=found.years[0],
            last_year=found.years[-1],
            covered_until=found.covered_until,
            alarm=arrangement_alarm(found, business_date(tx.now)).value,
        )

    return await act.read(read)


@router.post("/preview")
async def preview(body: NoticeText, act: Act = acting("calendar.import")) -> Preview:
    """Read a notice and say what it would change; nothing is kept, so no key is needed."""
    return await act.read(lambda tx: preview_of(tx, body.notice))


async def preview_of(tx: Tx, text: str) -> Preview:
    """What an import of this text would do."""
    notice, new = await calendar_with(tx, text)
    content = import_content(notice)
    return Preview(
        year=notice.year,
        paper=notice.paper,
        days=[DayView(**day.model_dump()) for day in notice.days],
        moves=[MoveView.model_validate(move) for move in moves_under(new, await open_terms(tx))],
        act=IMPORT,
        digest=digest(content),
        subject=f"导入{notice.year}年放假安排（{notice.paper}）",
    )


@router.post("/imports", status_code=HTTPStatus.CREATED)
async def import_year(body: NoticeText, act: Act = acting("calendar.import")) -> Imported:
    """Import a year's notice; takes a two-person ticket (``X-Ticket``) for the preview's digest."""

    async def do(tx: Tx) -> Imported:
        notice = await import_notice(tx, body.notice, act.ticket)
        return Imported(year=notice.year, paper=notice.paper)

    return await act(do)
