"""抽取: freeze, commit, reveal; how each party stands, what is awaited until when, and how anybody verifies it."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.review import store
from services.review.actions import drawing
from services.review.beacons import installed, require_ahead
from services.review.domain.draw import BeaconRound
from services.review.domain.panel import STATE_WORDS, PanelState
from services.review.domain.parties import PARTY_NAMES, SILENCES, STAND_INS, Phase
from services.review.domain.pool import REASON_WORDS
from services.review.pages.doing import Work, do_and_go, do_or_show
from services.review.pages.fields import id_of, ids_of
from services.review.reads import draw as views
from services.review.rulebooks import book_of, category_of, title_of
from services.review.sealing import Sealer
from services.review.site import errors_of, page_for, render
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.infra.tables import Stage
from shared.kernel.refusals import NotFound, Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.parts import Link
from shared.web.rights import may
from shared.web.two_persons import Agreement, agreement

router = APIRouter(prefix="/expert", include_in_schema=False)
_STEPS = (("freeze", "固定名单"), ("commit", "各方承诺"), ("reveal", "各方公开"), ("draw", "计算抽取"))
_DONE = {
    Phase.LISTING: 0,
    Phase.COMMITTING: 1,
    Phase.COMMITTED: 1,
    Phase.REVEALING: 2,
    Phase.REVEALED: 3,
    Phase.DRAWN: 4,
    Phase.VOID: 0,
}


@router.get("/panels/{stage_id}/draw")
async def draw_page(stage_id: UUID, request: Request, act: Act = acting("draw.take_part")) -> Response:
    """The draw of a panel."""
    return await act.read(lambda tx: _page(tx, request, stage_id))


async def _page(tx: Tx, request: Request, stage_id: UUID, refusal: Refusal | None = None) -> Response:
    panel = await store.panel(tx, stage_id)
    stage = await stage_row(tx, stage_id)
    found = await _view(tx, stage_id)
    yours = [one for one in found.parties if one.yours and one.awaited] if found else []
    open_now = stage.state == "open"
    may_freeze = open_now and may(tx.actor, "panel.freeze") and panel.state in (PanelState.POOLING, PanelState.SHORT)
    page = page_for(
        tx,
        request,
        f"{category_of(stage).name}·专家抽取",
        programme=book_of(stage).short_title,
        category=category_of(stage).name,
        stage=title_of(stage),
        expected_of_me=_expected(found, yours, may_freeze=may_freeze),
        until=found.until if found else None,
        crumbs=_crumbs(tx, stage_id),
    )
    context = {
        "draw": found,
        "stage_id": stage_id,
        "panel_words": STATE_WORDS[PanelState(panel.state)],
        "steps": _steps(found),
        "yours": yours if open_now else [],
        "may_freeze": may_freeze,
        "voiding": await _voiding(tx, request, stage) if open_now and panel.state == PanelState.FROZEN else None,
        "past": await _past(tx, stage_id),
        "party_names": PARTY_NAMES,
        "stand_ins": await _stand_ins(tx, stage_id) if may(tx.actor, "draw.stand_in") else [],
        "stand_in_options": [(key, PARTY_NAMES[key]) for key in STAND_INS],
        **(await _freezing(tx, request, stage_id) if may_freeze else {}),
    }
    status = refusal.status if refusal else HTTPStatus.OK
    return render(request, "draw.html", page, status=status, errors=errors_of(refusal), **context)


async def _voiding(tx: Tx, request: Request, stage: Stage) -> Agreement | None:
    """What two persons agree to before the list is given up."""
    if not may(tx.actor, "panel.void"):
        return None
    question = await drawing.void_question(tx, stage.stage_id)
    subject = f"作废抽取名单（{category_of(stage).name}·{title_of(stage)}）"
    return agreement(request, question["act"], question["digest"], subject, f"/expert/panels/{stage.stage_id}/draw")


@router.get("/panels/{stage_id}/draw/{attempt}/transcript.json")
async def transcript(stage_id: UUID, attempt: int, act: Act = acting("draw.take_part")) -> Response:
    """The transcript's very bytes, to verify."""
    content = await act.read(lambda tx: views.transcript(tx, stage_id, attempt))
    disposition = {"Content-Disposition": 'attachment; filename="draw-transcript.json"'}
    return Response(content, media_type="application/json", headers=disposition)


async def _view(tx: Tx, stage_id: UUID) -> views.DrawView | None:
    """The newest attempt, None before the first; an enterprise finds nothing until it takes part."""
    try:
        return await views.draw_view(tx, stage_id)
    except NotFound:
        if tx.actor.roles == {"enterprise"}:
            raise
        return None


def _expected(found: views.DrawView | None, yours: list[views.PartyLine], *, may_freeze: bool) -> str | None:
    if found is not None and yours:
        what = "提交承诺值" if found.phase == Phase.COMMITTING else "公开密值"
        return f"请以{'、'.join(one.name for one in yours)}身份{what}"
    return "核对专家库和回避情况后固定名单" if may_freeze else None


def _crumbs(tx: Tx, stage_id: UUID) -> tuple[Link, ...]:
    if not may(tx.actor, "panel.read"):
        return ()
    return (Link(label="审查组", href="/expert/panels"), Link(label="本组", href=f"/expert/panels/{stage_id}"))


def _steps(found: views.DrawView | None) -> list[dict[str, Any]]:
    done = _DONE[Phase(found.phase)] if found else 0
    return [
        {"name": name, "state": "done" if place < done else "current" if place == done else "future"}
        for place, (_, name) in enumerate(_STEPS)
    ]


async def _past(tx: Tx, stage_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "attempt": one.attempt,
            "phase": one.phase,
            "eligible": len(one.frozen_list["eligible"]),
            "excluded": [(entry["expert"], REASON_WORDS[entry["reason"]]) for entry in one.frozen_list["excluded"]],
            **one.model_dump(include={"frozen_at", "drawn_at", "voided_at", "void_reason", "list_digest"}),
            "transcript_digest": one.transcript_digest,
        }
        for one in await store.attempts(tx, stage_id)
    ]


async def _stand_ins(tx: Tx, stage_id: UUID) -> list[tuple[str, str]]:
    """The parties for which a stand-in must be named now."""
    silences = [party for one in await store.attempts(tx, stage_id) for party in one.silent]
    named = await store.stand_ins(tx, stage_id)
    return [
        (party, PARTY_NAMES[party]) for party in PARTY_NAMES if silences.count(party) >= SILENCES and party not in named
    ]


async def _freezing(tx: Tx, request: Request, stage_id: UUID) -> dict[str, Any]:
    members = {one.expert_id for one in await store.members(tx, stage_id)}
    cases = await store.standing_cases(tx, stage_id)
    return {
        "free": [
            (str(one.expert_id), f"{one.name}（{one.employer}）")
            for one in await store.experts(tx)
            if one.expert_id not in members
        ],
        "representatives": [(str(one.case_id), one.number) for one in cases if one.credit_code],
        "beacons": [(name, name) for name in installed(request.app.state.service.settings.beacon_dir)],
    }


@router.post("/panels/{stage_id}/freeze")
async def freeze(stage_id: UUID, request: Request, act: Act = acting_form("panel.freeze")) -> Response:
    """Freeze the list."""
    form = await request.form()
    sealer = Sealer(request.app.state.service.secret)

    async def do(tx: Tx) -> object:
        return await drawing.freeze_list(tx, sealer, stage_id, await _wanted(request, form))

    return await _do(act, request, stage_id, do)


async def _wanted(request: Request, form: FormData) -> drawing.Wanted:
    reason = text_of(form, "reason") or "办公室核实存在利害关系"
    name, number = text_of(form, "beacon"), text_of(form, "beacon_round")
    beacon = None
    if name:
        if not number.isdecimal():
            raise Refusal("bad_round", "请填写公共随机数的轮次，如 1234。", field="beacon_round")
        beacon = BeaconRound(name=name, round=int(number))
        await require_ahead(installed(request.app.state.service.settings.beacon_dir), beacon.name, beacon.round)
    return drawing.Wanted(
        conflicts=dict.fromkeys(ids_of(form, "conflict"), reason),
        applicants=id_of(form, "applicants") if text_of(form, "applicants") else None,
        beacon=beacon,
    )


@router.post("/panels/{stage_id}/commit")
async def commit(stage_id: UUID, request: Request, act: Act = acting_form("draw.take_part")) -> Response:
    """A party's commitment."""
    form = await request.form()
    party, commitment = text_of(form, "party"), text_of(form, "commitment")
    return await _do(act, request, stage_id, lambda tx: drawing.commit(tx, stage_id, party, commitment))


@router.post("/panels/{stage_id}/reveal")
async def reveal(stage_id: UUID, request: Request, act: Act = acting_form("draw.take_part")) -> Response:
    """A party's secret."""
    form = await request.form()
    party, secret = text_of(form, "party"), text_of(form, "secret")
    return await _do(act, request, stage_id, lambda tx: drawing.reveal(tx, stage_id, party, secret))


@router.post("/panels/{stage_id}/stand-in")
async def stand_in(stage_id: UUID, request: Request, act: Act = acting_form("draw.stand_in")) -> Response:
    """Who takes part instead of a party that was silent twice."""
    form = await request.form()
    party, by, reason = text_of(form, "party"), text_of(form, "by"), text_of(form, "reason")
    if not reason:
        raise Refusal("reason_needed", "请说明指定的理由。", field="reason")
    return await _do(act, request, stage_id, lambda tx: drawing.name_stand_in(tx, stage_id, party, by, reason))


@router.post("/panels/{stage_id}/void")
async def void(stage_id: UUID, request: Request, act: Act = acting_form("panel.void")) -> Response:
    """Give the list up, with ticket."""
    reason = text_of(await request.form(), "reason")
    if not reason:
        raise Refusal("reason_needed", "请说明作废的理由。", field="reason")
    return await _do(act, request, stage_id, lambda tx: drawing.void_attempt(tx, stage_id, reason, act.ticket))


async def _do(act: Act, request: Request, stage_id: UUID, work: Work) -> Response:
    back = f"/expert/panels/{stage_id}/draw"
    if not may(act.actor, "draw.take_part"):
        return await do_and_go(act, back, work)
    return await do_or_show(act, back, work, lambda tx, refusal: _page(tx, request, stage_id, refusal))
