"""The working calendar as a page: what is covered, and importing the next year's notice by two persons."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.accounts.actions.tickets import ask_ticket, signed_content
from services.office.accounts.store import confirmed_ticket
from services.office.calendar.actions import IMPORT, import_notice
from services.office.calendar.preview import Preview, preview_of
from services.office.site import errors_of, page_for, render
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.kernel.calendar import arrangement_alarm, business_date
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=50_000)]


@router.get("/office/calendar")
async def calendar(request: Request, act: Act = acting("calendar.import")) -> Response:
    """日历: what is in force."""
    return await act.read(lambda tx: _page(tx, request))


@router.post("/office/calendar/preview")
async def preview(request: Request, notice: Text, act: Act = acting_form("calendar.import")) -> Response:
    """What a pasted notice would change."""

    async def read(tx: Tx) -> Response:
        try:
            return await _page(tx, request, notice, await preview_of(tx, notice))
        except Refusal as refusal:
            return await _page(tx, request, notice, refusal=refusal)

    return await act.read(read)


@router.post("/office/calendar/tickets")
async def ask(notice: Text, act: Act = acting_form("calendar.import")) -> Response:
    """Ask for the second person."""

    async def do(tx: Tx) -> str:
        found = await preview_of(tx, notice)
        await ask_ticket(tx, found.act, found.digest, found.subject)
        return "/office/tickets"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


@router.post("/office/calendar/imports")
async def import_year(notice: Text, act: Act = acting_form("calendar.import")) -> Response:
    """Import with the ticket that the second person has confirmed."""

    async def do(tx: Tx) -> str:
        found = await preview_of(tx, notice)
        ticket = await confirmed_ticket(tx, IMPORT, found.digest)
        await import_notice(tx, notice, signed_content(ticket) if ticket else None)
        return "/office/calendar"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


async def _page(
    tx: Tx, request: Request, notice: str = "", found: Preview | None = None, refusal: Refusal | None = None
) -> Response:
    calendar = await current_calendar(tx)
    ticket = await confirmed_ticket(tx, IMPORT, found.digest) if found else None
    return render(
        request,
        "office/calendar.html",
        await page_for(tx, request, "工作日历"),
        status=refusal.status if refusal else 200,
        calendar=calendar,
        alarm=arrangement_alarm(calendar, business_date(tx.now)).value,
        notice=notice,
        preview=found,
        confirmed=ticket is not None,
        errors=errors_of(refusal) if refusal else (),
    )
