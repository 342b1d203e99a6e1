"""利害关系: a panel's conflicts with their map, what is contested, and an expert's own ties."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.review import store
from services.review.actions import ties
from services.review.domain.conflicts import KIND_WORDS, RECORDED, Kind, Quoted
from services.review.pages.doing import do_and_go
from services.review.pages.fields import day_of, id_from, id_of, needed
from services.review.reads import conflicts as views
from services.review.rulebooks import category_of
from services.review.site import HOME, page_for, render, tone_of
from services.review.tables import Contest
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.parts import Badge, Column, Link, Row

router = APIRouter(prefix="/expert", include_in_schema=False)
_CONFLICT = (
    Column(label="专家"),
    Column(label="案号"),
    Column(label="类型"),
    Column(label="依据"),
    Column(label="异议"),
)
_TIE = (Column(label="单位"), Column(label="类型"), Column(label="依据"), Column(label="有效至"), Column(label="状态"))
KINDS = [(kind.value, KIND_WORDS[kind]) for kind in RECORDED]


async def rulings_shown(tx: Tx, contests: Sequence[Contest]) -> list[dict[str, Any]]:
    """What is contested and not ruled on, in words; who contested it does not rule."""
    names = {one.expert_id: one.name for one in await store.experts(tx)}
    return [
        {
            "contest_id": one.contest_id,
            "expert": names[one.expert_id],
            "kind_words": KIND_WORDS[Kind(one.kind)],
            "credit_code": one.credit_code,
            "evidence": one.evidence,
            "reason": one.reason,
            "own": one.contested_by == tx.actor.account_id,
        }
        for one in contests
        if one.lifted is None
    ]


@router.get("/panels/{stage_id}/conflicts")
async def conflicts(request: Request, act: Act = acting("pool.manage")) -> Response:
    """The conflicts of the pool with a panel's cases, as a picture and as a table."""
    return await act.read(lambda tx: _panel_page(tx, request))


async def _panel_page(tx: Tx, request: Request) -> Response:
    stage_id = path_id(request, "stage_id")
    lines = await views.conflict_lines(tx, stage_id)
    panel = Link(label="本组", href=f"/expert/panels/{stage_id}")
    page = page_for(
        tx,
        request,
        f"{category_of(await stage_row(tx, stage_id)).name}·利害关系",
        crumbs=(Link(label="审查组", href="/expert/panels"), panel),
    )
    contested = {one.contest_id for one in lines if one.contest_id}
    return render(
        request,
        "conflicts.html",
        page,
        stage_id=stage_id,
        picture=views.map_of(lines),
        columns=_CONFLICT,
        rows=[_conflict_row(one) for one in lines],
        lines=lines,
        rulings=await rulings_shown(tx, [one for one in await store.contests(tx) if one.contest_id in contested]),
    )


def _conflict_row(one: views.ConflictLine) -> Row:
    contested = Badge(text="待裁定", tone=tone_of("recorded")) if one.contest_id else "—"
    return Row(cells=(one.expert, one.number, one.kind_words, one.evidence, contested))


@router.post("/panels/{stage_id}/contest")
async def contest(
    stage_id: UUID, request: Request, act: Act = acting_form("pool.manage", page=_panel_page)
) -> Response:
    """Say for an expert that a conflict does not hold."""
    given = needed(await request.form(), "conflict", "reason")
    expert, quoted = _quoted(given["conflict"])
    back = f"/expert/panels/{stage_id}/conflicts"
    return await do_and_go(act, back, lambda tx: ties.contest(tx, expert, quoted, given["reason"]))


def _quoted(chosen: str) -> tuple[UUID, Quoted]:
    """The expert and the conflict, as the page's list names them: expert/kind/organisation/evidence."""
    parts = chosen.split("/", 3)
    if len(parts) != 4 or parts[1] not in KIND_WORDS:
        raise Refusal("bad_id", "请从列表中选择。", field="conflict")
    return id_from(parts[0], "conflict"), (Kind(parts[1]), parts[2], parts[3])


@router.post("/panels/{stage_id}/ruling")
async def ruling(stage_id: UUID, request: Request, act: Act = acting_form("pool.manage", page=_panel_page)) -> Response:
    """Rule on what somebody else contested."""
    return await rule_from(act, await request.form(), f"/expert/panels/{stage_id}/conflicts")


async def rule_from(act: Act, form: FormData, back: str) -> Response:
    """Rule on what was contested and go on at ``back``."""
    given, contest_id = needed(form, "answer", "reason"), id_of(form, "contest_id")
    lifted = given["answer"] == "lifted"
    return await do_and_go(act, back, lambda tx: ties.rule(tx, contest_id, lifted=lifted, reason=given["reason"]))


@router.get("/ties")
async def own_ties(request: Request, act: Act = acting("tie.declare")) -> Response:
    """An expert's own ties, and forms to declare another or to contest one."""
    return await act.read(lambda tx: _own_page(tx, request))


async def _own_page(tx: Tx, request: Request) -> Response:
    lines = await views.own_ties(tx)
    page = page_for(tx, request, "我的利害关系", crumbs=(HOME,))
    standing = [
        (str(one.tie_id), f"{one.credit_code}·{one.kind_words}·{one.evidence[:40]}")
        for one in lines
        if not one.lifted and not one.contested
    ]
    context: dict[str, Any] = {
        "columns": _TIE,
        "rows": [_tie_row(one) for one in lines],
        "kinds": KINDS,
        "standing": standing,
    }
    return render(request, "ties.html", page, **context)


def _tie_row(one: views.TieLine) -> Row:
    state = Badge(text="已解除" if one.lifted else "异议待裁定" if one.contested else "有效")
    until = one.until.isoformat() if one.until else "长期"
    return Row(cells=(one.credit_code, one.kind_words, one.evidence, until, state))


@router.post("/ties")
async def declare(request: Request, act: Act = acting_form("tie.declare", page=_own_page)) -> Response:
    """Declare a tie of one's own."""
    form = await request.form()
    given, until = needed(form, "kind", "credit_code", "evidence"), day_of(form, "until")

    async def do(tx: Tx) -> object:
        return await ties.record_tie(tx, (await store.expert_acting(tx)).expert_id, **given, until=until)

    return await do_and_go(act, "/expert/ties", do)


@router.post("/ties/contest")
async def contest_own(request: Request, act: Act = acting_form("tie.declare", page=_own_page)) -> Response:
    """Say that a tie recorded of oneself does not hold."""
    form = await request.form()
    tie_id, given = id_of(form, "tie_id"), needed(form, "reason")
    return await do_and_go(act, "/expert/ties", lambda tx: ties.contest_own(tx, tie_id, given["reason"]))
