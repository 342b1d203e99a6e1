"""The panels as office, chair, supervisor and auditors see them, and the pool."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.review import store
from services.review.actions import ordering, seats
from services.review.domain.panel import MEMBER_KIND_WORDS, MemberKind
from services.review.domain.pool import REASON_WORDS
from services.review.pages.doing import Work, do_and_go
from services.review.pages.fields import id_from, id_of
from services.review.reads import order as order_views
from services.review.reads import panel as views
from services.review.sealing import Sealer
from services.review.site import days_left, page_for, render, tone_of
from shared.infra.database import Tx
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.form_fields import text_of
from shared.web.parts import Badge, Column, Link, Row
from shared.web.rights import Role, may

router = APIRouter(prefix="/expert", include_in_schema=False)
PANELS = Link(label="审查组", href="/expert/panels")
_STANDING = {"standing": "在审", "dropped": "抽取前退出", "struck": "抽取后退出"}
_PANEL = (
    Column(label="类别"),
    Column(label="状态"),
    Column(label="案件", numeric=True),
    Column(label="已签", numeric=True),
)
_MEMBER = (
    Column(label="成员"),
    Column(label="姓名"),
    Column(label="专家库"),
    Column(label="产生"),
    Column(label="状态"),
    Column(label="已签", numeric=True),
)
_CASE = (
    Column(label="案号"),
    Column(label="审查编号"),
    Column(label="现状"),
    Column(label="有效计分表", numeric=True),
)
_EXPECTED = {
    "pooling": "固定抽取名单",
    "frozen": "各方提交承诺值，再公开密值",
    "short": "补充抽取专家",
    "sealed": "两位密钥保管人共同拆封",
}


@router.get("/panels")
async def panels(request: Request, act: Act = acting("panel.read")) -> Response:
    """All panels."""

    async def read(tx: Tx) -> Response:
        found = [await views.overview(tx, one.stage_id, with_names=False) for one in await store.panels(tx)]
        rows = [
            Row(
                cells=(
                    f"{one.category_name}·{one.title}",
                    Badge(text=one.state_words, tone=tone_of(one.state)),
                    str(len(one.cases)),
                    f"{one.signed} / {one.signed + one.expected}",
                ),
                href=f"/expert/panels/{one.stage_id}",
            )
            for one in found
        ]
        return render(request, "panels.html", page_for(tx, request, "审查组"), columns=_PANEL, rows=rows)

    return await act.read(read)


@router.get("/panels/{stage_id}")
async def panel(request: Request, act: Act = acting("panel.read")) -> Response:
    """One panel: who sits on it, how far it is, what comes next."""
    return await act.read(lambda tx: _panel_page(tx, request))


async def _panel_page(tx: Tx, request: Request) -> Response:
    stage_id = path_id(request, "stage_id")
    names = bool(tx.actor.roles & {Role.OFFICE, Role.REVIEW_CHAIR})
    found = await views.overview(tx, stage_id, with_names=names)
    page = page_for(
        tx,
        request,
        f"{found.category_name}·{found.title}",
        programme=found.programme,
        expected_of_me=_EXPECTED.get(found.state) if found.stage_state == "open" else None,
        until=found.closes_at if found.state in ("undertaking", "scoring") else None,
        working_days_left=days_left(tx, found.counted_days) if found.state in ("undertaking", "scoring") else None,
        crumbs=(PANELS,),
    )
    context = await _context(tx, found)
    return render(request, "panel.html", page, panel=found, badge=_badge(found), **context)


def _badge(found: views.PanelOverview) -> Badge:
    return Badge(text=found.state_words, tone=tone_of(found.state))


async def _context(tx: Tx, found: views.PanelOverview) -> dict[str, Any]:
    actor, open_now = tx.actor, found.stage_state == "open"
    people = await store.experts(tx) if may(actor, "panel.appoint") else []
    members = {member.expert_id for member in found.members}
    return {
        "member_columns": _MEMBER,
        "members": [_member_row(member, found) for member in found.members],
        "case_columns": _CASE,
        "cases": [_case_row(case) for case in found.cases],
        "reasons": dict(REASON_WORDS),
        "excluded": await _excluded(tx, found),
        "may_see_draw": may(actor, "draw.take_part"),
        "may_unseal": open_now and may(actor, "panel.unseal") and found.state == "sealed",
        "may_see_key": found.state not in ("receiving", "settled"),
        "may_appoint": open_now and may(actor, "panel.appoint") and found.state not in ("settled", "unsealed"),
        "free": [
            (str(one.expert_id), f"{one.name}（{one.employer}）") for one in people if one.expert_id not in members
        ],
        "seated": [
            (str(one.expert_id), f"{one.label} {one.name}")
            for one in found.members
            if one.expert_id and one.state in ("called", "undertaken", "overdue")
        ],
        "ties": await _ties(tx, found),
    }


async def _excluded(tx: Tx, found: views.PanelOverview) -> list[tuple[str, str]]:
    attempts = await store.attempts(tx, found.stage_id)
    entries = attempts[-1].frozen_list["excluded"] if attempts else []
    return [(entry["expert"], REASON_WORDS[entry["reason"]]) for entry in entries]


async def _ties(tx: Tx, found: views.PanelOverview) -> order_views.TieTask | None:
    chair = Role.REVIEW_CHAIR in tx.actor.roles
    if found.kind != "event_ordering" or found.state != "unsealed" or not chair:
        return None
    return await order_views.tie_task(tx, found.stage_id)


def _came(member: views.MemberLine, found: views.PanelOverview) -> str:
    """How somebody came to the panel; of the appointed also whether they fill in sheets."""
    if member.kind == "appointed" and found.kind == "panel_review":
        return "指派，赋分" if member.scores else "指派，列席"
    return MEMBER_KIND_WORDS[MemberKind(member.kind)] + (f" 第{member.place}" if member.kind == "alternate" else "")


def _member_row(member: views.MemberLine, found: views.PanelOverview) -> Row:
    return Row(
        cells=(
            member.label,
            f"{member.name}（{member.employer}）" if member.name else member.pseudonym,
            member.pool_name,
            _came(member, found),
            Badge(text=member.state_words, tone=tone_of(member.state)),
            str(member.signed),
        )
    )


def _case_row(case: views.CaseLine) -> Row:
    return Row(
        cells=(case.number, case.neutral_number, _STANDING[case.standing], str(case.sheets)),
        struck=case.standing != "standing",
    )


async def _do(act: Act, stage_id: UUID, work: Work) -> Response:
    return await do_and_go(act, f"/expert/panels/{stage_id}", work)


@router.post("/panels/{stage_id}/appoint")
async def appoint(
    stage_id: UUID, request: Request, act: Act = acting_form("panel.appoint", page=_panel_page)
) -> Response:
    """Add an appointed member."""
    expert = id_of(await request.form(), "expert_id")
    sealer = Sealer(request.app.state.service.secret)
    return await _do(act, stage_id, lambda tx: seats.appoint(tx, sealer, stage_id, expert))


@router.post("/panels/{stage_id}/recuse")
async def recuse(
    stage_id: UUID, request: Request, act: Act = acting_form("panel.appoint", page=_panel_page)
) -> Response:
    """Record an expert's recusal."""
    form = await request.form()
    expert, reason = id_of(form, "expert_id"), text_of(form, "reason")
    if not reason:
        raise Refusal("reason_needed", "请说明回避的理由。", field="reason")
    return await _do(act, stage_id, lambda tx: seats.recuse(tx, stage_id, expert, None, reason))


@router.post("/panels/{stage_id}/ties")
async def ties(stage_id: UUID, request: Request, act: Act = acting_form("tie.decide", page=_panel_page)) -> Response:
    """The chair's order of tied events."""
    form = await request.form()
    placed = sorted(
        (int(str(value)), id_from(name.removeprefix("place."), "ordered"))
        for name, value in form.multi_items()
        if name.startswith("place.") and str(value).isdecimal()
    )
    reason = text_of(form, "reason")
    if not reason:
        raise Refusal("reason_needed", "请说明并列事件先后的理由。", field="reason")
    ordered = [case for _, case in placed]
    return await _do(act, stage_id, lambda tx: ordering.chair_decides(tx, stage_id, ordered, reason))
