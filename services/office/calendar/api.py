"""The working calendar as JSON: what is covered, what an import would change, the import itself."""

from datetime import date
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.office.calendar.actions import import_notice
from services.office.calendar.preview import Preview, preview_of
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.kernel.calendar import arrangement_alarm, business_date
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


@router.post("/imports", status_code=HTTPStatus.CREATED)
async def import_year(body: NoticeText, act: Act = acting("calendar.import")) -> Imported:
    """Import a year's notice; takes a two-person ticket (``X-Ticket``) for the preview's digest."""

    async def do(tx: Tx) -> Imported:
        notice = await import_notice(tx, body.notice, act.ticket)
        return Imported(year=notice.year, paper=notice.paper)

    return await act(do)
