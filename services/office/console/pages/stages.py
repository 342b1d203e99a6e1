"""变更阶段: the consequences first, then the reason, then the owner of the stage is asked."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints
from starlette.responses import Response

from services.office.accounts.actions.tickets import ask_ticket, signed_content
from services.office.accounts.store import confirmed_ticket
from services.office.console.overview import CHANGES, affected_by, term_of
from services.office.console.planning import Foreseen, foresee
from services.office.cycles import store
from services.office.cycles.actions import STAGE_CHANGE, ask_change, ask_drafted, cancel_digest, draft_cancellation
from services.office.cycles.reads import CategoryView, CycleView, StageView, read_cycle
from services.office.cycles.tables import ChangeRequest
from services.office.site import errors_of, page_for, render
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.infra.rulebooks import by_digest
from shared.kernel.calendar import business_date
from shared.kernel.refusals import NotFound, Refusal
from shared.kernel.stages import StageChange
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.parts import Column, Link

router = APIRouter()

COLUMNS = tuple(Column(label=label, sortable=False) for label in ("阶段", "目前", "变更后"))
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), Form()]


Found = tuple[CycleView, CategoryView, StageView, Foreseen]


async def _foreseen(tx: Tx, stage_id: UUID, change: StageChange, days: int | None) -> Found:
    cycle, category, stage = await _place(tx, stage_id)
    rulebook = by_digest(cycle.rulebook_id, cycle.rulebook_digest)
    today = business_date(tx.now)
    found = foresee(await current_calendar(tx), rulebook, cycle, category, stage, change, days, today)
    return cycle, category, stage, found


async def _place(tx: Tx, stage_id: UUID) -> tuple[CycleView, CategoryView, StageView]:
    cycle = await read_cycle(tx, (await store.stage_plan(tx, stage_id)).cycle_id)
    for category in cycle.categories:
        for stage in category.stages:
            if stage.stage_id == stage_id:
                return cycle, category, stage
    raise NotFound("没有找到这个阶段。")


async def _page(
    tx: Tx,
    request: Request,
    stage_id: UUID,
    change: StageChange,
    days: int | None,
    drafted: ChangeRequest | None = None,
) -> Response:
    cycle, category, stage = await _place(tx, stage_id)
    refusal, found = None, None
    try:
        found = (await _foreseen(tx, stage_id, change, days))[3]
    except Refusal as refused:
        refusal = refused
    ticket = await _ticket(tx, drafted) if drafted is not None else None
    home = Link(label=cycle.title, href=f"/office/cycles/{cycle.cycle_id}")
    page = await page_for(
        tx,
        request,
        f"{CHANGES[change]}“{stage.title}”",
        year=cycle.year,
        category=category.name,
        crumbs=(Link(label="总览", href="/office"), home),
    )
    return render(
        request,
        "office/change.html",
        page,
        status=refusal.status if refusal else 200,
        cycle=cycle,
        category=category,
        stage=stage,
        term=term_of(stage, business_date(tx.now)),
        change=change.value,
        word=CHANGES[change],
        days=days,
        found=found,
        columns=COLUMNS,
        affected=affected_by(category, stage),
        drafted=drafted,
        confirmed=ticket is not None,
        home=home,
        errors=errors_of(refusal) if refusal else (),
    )


async def _ticket(tx: Tx, drafted: ChangeRequest) -> object | None:
    return await confirmed_ticket(tx, STAGE_CHANGE, cancel_digest(drafted.stage_id, drafted.reason))


def _whole(days: str) -> int | None:
    return int(days) if days.isdecimal() and len(days) < 5 else None


async def _sent_page(tx: Tx, request: Request) -> Response:
    """The page on which a change or a cancellation was asked for, as it was asked."""
    sent = await request.form()
    change = next((one for one in StageChange if one.value == sent.get("change")), None)
    if change is None:
        raise NotFound("没有这样的变更。")
    return await _page(tx, request, path_id(request, "stage_id"), change, _whole(str(sent.get("days", ""))))


@router.get("/office/stages/{stage_id}/change")
async def consequences(
    stage_id: UUID, request: Request, change: StageChange, days: str = "", act: Act = acting("stage.change")
) -> Response:
    """What a change would lead to; a refused one says why, and asks for nothing."""
    return await act.read(lambda tx: _page(tx, request, stage_id, change, _whole(days)))


@router.post("/office/stages/{stage_id}/changes")
async def ask(
    stage_id: UUID,
    change: Annotated[StageChange, Form()],
    reason: Reason,
    days: Annotated[str, Form()] = "",
    act: Act = acting_form("stage.change", page=_sent_page),
) -> Response:
    """Ask the stage's owner; the cycle's page shows it as asked until the owner has answered."""

    async def do(tx: Tx) -> str:
        # A change that cannot be had is refused here already, with the sentence that the preview has.
        cycle = (await _foreseen(tx, stage_id, change, _whole(days)))[0]
        await ask_change(tx, stage_id, change, _whole(days), reason, act.ticket)
        return f"/office/cycles/{cycle.cycle_id}"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


@router.post("/office/stages/{stage_id}/cancellations")
async def draft(stage_id: UUID, reason: Reason, act: Act = acting_form("stage.change", page=_sent_page)) -> Response:
    """Write a cancellation down and ask for the second person."""

    async def do(tx: Tx) -> str:
        _cycle, category, stage, _found = await _foreseen(tx, stage_id, StageChange.CANCEL, None)
        drafted = await draft_cancellation(tx, stage_id, reason)
        subject = f"终止“{category.name}”（{stage.title}阶段）：{reason}"
        way_on = f"/office/cancellations/{drafted.request_id}"
        await ask_ticket(tx, STAGE_CHANGE, cancel_digest(stage_id, reason), subject, way_on)
        return way_on

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)


@router.get("/office/cancellations/{request_id}")
async def cancellation(request_id: UUID, request: Request, act: Act = acting("stage.change")) -> Response:
    """A cancellation that waits for its second person, or for the act itself."""

    async def read(tx: Tx) -> Response:
        drafted = await store.change_request(tx, request_id)
        return await _page(tx, request, drafted.stage_id, StageChange.CANCEL, None, drafted)

    return await act.read(read)


@router.post("/office/cancellations/{request_id}")
async def cancel(request_id: UUID, act: Act = acting_form("stage.change")) -> Response:
    """Ask the owner for the cancellation, with the confirmed ticket."""

    async def do(tx: Tx) -> str:
        drafted = await store.change_request(tx, request_id)
        ticket = await confirmed_ticket(tx, STAGE_CHANGE, cancel_digest(drafted.stage_id, drafted.reason))
        await ask_drafted(tx, request_id, signed_content(ticket) if ticket else None)
        return f"/office/cycles/{(await store.stage_plan(tx, drafted.stage_id)).cycle_id}"

    return RedirectResponse(await act(do), HTTPStatus.SEE_OTHER)
