"""What an expert does: answer the call, step aside, score, sign, put events in order."""

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from services.review import store
from services.review.actions import correcting, findings, ordering, scoring, seats
from services.review.attesting import ServiceAttestor
from services.review.pages.doing import do_and_go
from services.review.pages.fields import id_from, id_of
from services.review.reads import expert as views
from services.review.reads import order as order_views
from services.review.sealing import Sealer
from services.review.site import HOME, days_left, errors_of, page_for, render
from shared.infra.database import Tx
from shared.infra.tickets import FRESH_AUTHENTICATION
from shared.kernel.refusals import FieldProblem, Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.parts import Link
from shared.web.rights import may

router = APIRouter(prefix="/expert", include_in_schema=False)
TASKS = Link(label="我的任务", href="/expert")
_POINTS = re.compile(r"\d{1,4}(\.\d{1,4})?", re.ASCII)
_JUDGEMENT, _REASON = "judgement.", "reason."


@router.get("")
async def home(request: Request, act: Act = acting("review.enter")) -> Response:
    """我的任务; who is no expert goes to the panels."""
    if not may(act.actor, "sheet.write"):
        return RedirectResponse("/expert/panels", HTTPStatus.SEE_OTHER)
    return await act.read(lambda tx: _home(tx, request))


async def _home(tx: Tx, request: Request) -> Response:
    panels = await views.task_lists(tx)
    page = page_for(tx, request, "我的任务", expected_of_me=_expected(panels), **_until(tx, panels))
    return render(request, "home.html", page, panels=panels)


def _expected(panels: list[views.TaskList]) -> str | None:
    if any(panel.member_state == "called" for panel in panels):
        return "请先阅读并签署承诺书"
    unsigned = sum(not case.signed for panel in panels for case in panel.cases)
    return f"还有{unsigned}案待您独立赋分并签署" if unsigned else None


def _until(tx: Tx, panels: list[views.TaskList]) -> dict[str, object]:
    ends = sorted((panel.closes_at, panel.counted_days) for panel in panels if panel.closes_at)
    return {"until": ends[0][0], "working_days_left": days_left(tx, ends[0][1])} if ends else {}


@router.post("/panels/{stage_id}/undertaking")
async def undertaking(
    stage_id: UUID, request: Request, act: Act = acting_form("undertaking.sign", page=_home)
) -> Response:
    """Sign the undertaking or refuse."""
    form = await request.form()
    accept = form.get("answer") == "accept"
    version, reason = text_of(form, "text_version"), text_of(form, "reason") or None

    async def do(tx: Tx) -> dict[str, str]:
        return await seats.answer_call(tx, stage_id, accept=accept, text_version=version, reason=reason)

    await act(do)
    return RedirectResponse("/expert", HTTPStatus.SEE_OTHER)


@router.post("/panels/{stage_id}/recusal")
async def recusal(stage_id: UUID, request: Request, act: Act = acting_form("panel.recuse", page=_home)) -> Response:
    """Step aside from the panel."""
    form = await request.form()
    case, reason = id_of(form, "case_id") if text_of(form, "case_id") else None, text_of(form, "reason")
    if not reason:
        raise Refusal("reason_needed", "请说明回避的理由。", field="reason")

    async def do(tx: Tx) -> None:
        expert = await store.expert_acting(tx)
        await seats.recuse(tx, stage_id, expert.expert_id, case, reason)

    return await do_and_go(act, "/expert", do)


@router.get("/tasks/{case_id}")
async def task(case_id: UUID, request: Request, act: Act = acting("sheet.write")) -> Response:
    """评分台: evidence left, sheet right."""
    return await act.read(lambda tx: _task_page(tx, request, case_id))


async def _task_page(
    tx: Tx, request: Request, case_id: UUID, form: FormData | None = None, refusal: Refusal | None = None
) -> Response:
    found = await views.task(tx, Sealer(request.app.state.service.secret), case_id)
    draft = found.draft or {"judgements": {}, "reasons": {}}
    given = _given(form) if form is not None else draft["judgements"]
    reasons = read_reasons(form) if form is not None else draft["reasons"]
    page = page_for(
        tx,
        request,
        found.neutral_number,
        programme=found.programme,
        category=found.category_name,
        stage=found.stage_title,
        expected_of_me=f"逐项赋分，核对后签署（本组已签 {found.signed_cases}/{found.own_cases} 案）"
        if found.open
        else None,
        until=found.closes_at if found.open else None,
        working_days_left=days_left(tx, found.counted_days) if found.open else None,
        next_step="签署后即封存，全组完成后由两位密钥保管人拆封" if found.open else None,
        crumbs=(TASKS,),
    )
    status = refusal.status if refusal else HTTPStatus.OK
    context = {
        "task": found,
        "given": given,
        "reasons": reasons,
        "person": str(tx.actor.account_id),
        "saved": "saved" in request.query_params,
    }
    return render(request, "task.html", page, status=status, errors=errors_of(refusal), **context)


def _given(form: FormData) -> dict[str, str]:
    return {
        name.removeprefix(_JUDGEMENT): str(value).strip()
        for name, value in form.multi_items()
        if name.startswith(_JUDGEMENT) and str(value).strip()
    }


def read_reasons(form: FormData) -> dict[str, str]:
    """The reasons of a sheet's form, by item."""
    return {
        name.removeprefix(_REASON): str(value).strip()
        for name, value in form.multi_items()
        if name.startswith(_REASON) and str(value).strip()
    }


def read_points(form: FormData) -> dict[str, Decimal]:
    """The points of a sheet's form; what is no plain number is refused beside its field."""
    given = _given(form)
    problems = [
        FieldProblem(item, "wrong_type", "分值应为数字，如 7.5。")
        for item, text in given.items()
        if not _POINTS.fullmatch(text)
    ]
    if problems:
        first = problems[0]
        raise Refusal(first.code, first.message, field=first.field, problems=problems)
    return {item: Decimal(text) for item, text in given.items()}


@router.post("/tasks/{case_id}/draft")
async def save_draft(case_id: UUID, request: Request, act: Act = acting_form("sheet.write")) -> Response:
    """Keep the unfinished sheet."""
    return await _write(case_id, request, act, signs=False)


@router.post("/tasks/{case_id}/sign")
async def sign(case_id: UUID, request: Request, act: Act = acting_form("sheet.write")) -> Response:
    """Sign the sheet."""
    return await _write(case_id, request, act, signs=True)


@router.post("/tasks/{case_id}/correction")
async def correct(case_id: UUID, request: Request, act: Act = acting_form("sheet.write")) -> Response:
    """Sign a correction of a signed sheet."""
    form = await request.form()
    attestor, why = ServiceAttestor(request.app.state.service.secret), text_of(form, "why")

    async def write(tx: Tx) -> dict[str, Any]:
        points, reasons = read_points(form), read_reasons(form)
        return await correcting.correct_sheet(tx, attestor, case_id, points, reasons, why)

    return await _shown_again(case_id, request, act, form, write)


@router.post("/tasks/{case_id}/findings")
async def raise_finding(case_id: UUID, request: Request, act: Act = acting_form("sheet.write")) -> Response:
    """Raise a zero condition or veto on a case of the own."""
    form = await request.form()
    rule, source = text_of(form, "rule_id"), text_of(form, "source")
    if not source:
        raise Refusal("source_needed", "请写明依据的来源。", field="source")
    return await _shown_again(
        case_id, request, act, form, lambda tx: findings.raise_by_expert(tx, case_id, rule, source, None)
    )


async def _write(case_id: UUID, request: Request, act: Act, *, signs: bool) -> Response:
    form = await request.form()
    secret = request.app.state.service.secret

    async def write(tx: Tx) -> dict[str, Any]:
        points, reasons = read_points(form), read_reasons(form)
        if signs:
            return await scoring.sign_sheet(tx, ServiceAttestor(secret), case_id, points, reasons)
        return await scoring.save_draft(tx, Sealer(secret), case_id, points, reasons)

    return await _shown_again(case_id, request, act, form, write, "" if signs else "?saved")


async def _shown_again(
    case_id: UUID,
    request: Request,
    act: Act,
    form: FormData,
    write: Callable[[Tx], Awaitable[dict[str, Any]]],
    suffix: str = "",
) -> Response:
    """Do it and show the case again; a refusal is shown beside its field, with what was typed."""
    try:
        await act(write)
    except Refusal as refusal:
        if refusal.status != HTTPStatus.UNPROCESSABLE_ENTITY or refusal.code == FRESH_AUTHENTICATION:
            raise
        shown = refusal
        return await act.read(lambda tx: _task_page(tx, request, case_id, form, shown))
    return RedirectResponse(f"/expert/tasks/{case_id}{suffix}", HTTPStatus.SEE_OTHER)


@router.get("/orders/{stage_id}")
async def order(stage_id: UUID, request: Request, act: Act = acting("event.order")) -> Response:
    """The events to put in order."""
    return await act.read(lambda tx: _order_page(tx, request, stage_id))


async def _order_page(
    tx: Tx, request: Request, stage_id: UUID, form: FormData | None = None, refusal: Refusal | None = None
) -> Response:
    found = await order_views.order_task(tx, stage_id)
    page = page_for(
        tx,
        request,
        found.title,
        category=found.category_name,
        expected_of_me="为全部事件各填一个名次" if found.open else None,
        until=found.closes_at if found.open else None,
        working_days_left=days_left(tx, found.counted_days) if found.open else None,
        next_step="提交后即封存，拆封后名次相加" if found.open else None,
        crumbs=(HOME,),
    )
    given = {name: str(value) for name, value in form.multi_items()} if form is not None else {}
    status = refusal.status if refusal else HTTPStatus.OK
    return render(request, "order.html", page, status=status, task=found, given=given, errors=errors_of(refusal))


def read_order(form: FormData) -> list[UUID]:
    """The events by the places written beside them: 1, 2, 3 … each once."""
    written = [
        (str(value).strip(), name.removeprefix("place."))
        for name, value in form.multi_items()
        if name.startswith("place.")
    ]
    wanted = [str(place) for place in range(1, len(written) + 1)]
    if sorted(place for place, _ in written) != sorted(wanted):
        raise Refusal("places_wrong", f"名次应为1至{len(written)}，每个名次用一次。", field="order", article="第十条")
    return [id_from(case, "order") for _, case in sorted(written, key=lambda one: int(one[0]))]


@router.post("/orders/{stage_id}")
async def hand_in(stage_id: UUID, request: Request, act: Act = acting_form("event.order")) -> Response:
    """Sign the order sheet."""
    form = await request.form()
    attestor = ServiceAttestor(request.app.state.service.secret)
    try:
        wanted = read_order(form)
        await act(lambda tx: ordering.hand_in(tx, attestor, stage_id, wanted))
    except Refusal as refusal:
        if refusal.status != HTTPStatus.UNPROCESSABLE_ENTITY or refusal.code == FRESH_AUTHENTICATION:
            raise
        shown = refusal
        return await act.read(lambda tx: _order_page(tx, request, stage_id, form, shown))
    return RedirectResponse(f"/expert/orders/{stage_id}", HTTPStatus.SEE_OTHER)
