"""倒排计划: until when each stage must be over so that the lists are released on the day."""

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.console.planning import COLUMNS, CategoryPlan, ceremony_of, plans_of
from services.office.cycles.actions import date_release
from services.office.cycles.reads import read_cycle
from services.office.site import errors_of, page_for, render
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.infra.rulebooks import by_digest
from shared.kernel.calendar import business_date, end_of_day
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.parts import Link
from shared.web.rights import may

router = APIRouter()


@router.get("/office/cycles/{cycle_id:uuid}/plan")
async def plan(cycle_id: UUID, request: Request, on: str = "", act: Act = acting("cycle.read")) -> Response:
    """The plan for the day the office set, the rulebook's month, or any day that is tried."""
    return await act.read(lambda tx: _page(tx, request, cycle_id, on))


@router.post("/office/cycles/{cycle_id:uuid}/release-date")
async def set_date(
    cycle_id: UUID,
    request: Request,
    on: Annotated[str, Form(max_length=20)],
    act: Act = acting_form("release.date"),
) -> Response:
    """Set the day of release; a refusal comes back beside its field."""

    async def do(tx: Tx) -> str:
        await date_release(tx, cycle_id, end_of_day(_day(on)))
        return f"/office/cycles/{cycle_id}/plan"

    try:
        return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)
    except Refusal as refusal:
        refused = Refusal(refusal.code, refusal.message, field="on")
    return await act.read(lambda tx: _page(tx, request, cycle_id, on, refused))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refusal("bad_date", "日期须写作 2026-05-29 的样子。", field="on") from error


async def _page(tx: Tx, request: Request, cycle_id: UUID, on: str = "", refusal: Refusal | None = None) -> Response:
    cycle = await read_cycle(tx, cycle_id)
    rulebook, calendar = by_digest(cycle.rulebook_id, cycle.rulebook_digest), await current_calendar(tx)
    today = business_date(tx.now)
    ceremony = ceremony_of(calendar, rulebook, cycle)
    plans: tuple[CategoryPlan, ...] = ()
    tried: date | None = None
    try:
        if on and refusal is None:
            ceremony = tried = _day(on)
        plans = plans_of(calendar, rulebook, cycle, ceremony, today) if ceremony is not None else ()
    except Refusal as refused:
        refusal = refused
    page = await page_for(
        tx,
        request,
        "倒排计划",
        programme=cycle.title,
        year=cycle.year,
        crumbs=(Link(label="总览", href="/office"), Link(label=cycle.title, href=f"/office/cycles/{cycle_id}")),
    )
    return render(
        request,
        "office/plan.html",
        page,
        status=refusal.status if refusal else 200,
        cycle=cycle,
        ceremony=ceremony,
        tried=tried is not None,
        on=on or (ceremony.isoformat() if ceremony else ""),
        plans=plans,
        columns=COLUMNS,
        calendar=calendar,
        may_date=may(tx.actor, "release.date") and cycle.state == "open",
        errors=errors_of(refusal) if refusal else (),
    )
