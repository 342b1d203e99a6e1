"""The pool, conflicts of a panel with their map, and an expert's own ties."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.review import store
from services.review.actions import pool, ties
from services.review.domain.conflicts import KIND_WORDS, RECORDED, Kind
from services.review.domain.panel import MEMBER_KIND_WORDS, MemberKind
from services.review.domain.pool import EXPERT_WORDS, ExpertState
from services.review.pages.doing import do_and_go
from services.review.reads import conflicts as views
from services.review.rulebooks import category_of, pool_names
from services.review.site import HOME, page_for, render, tone_of
from services.review.tables import Expert
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.infra.stages import stage_row
from shared.kernel.refusals import NotFound, Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.formats import shanghai_datetime
from shared.web.parts import Badge, Column, Link, Row

router = APIRouter(prefix="/expert", include_in_schema=False)
_EXPERT = (
    Column(label="姓名"),
    Column(label="账号"),
    Column(label="专家库"),
    Column(label="单位"),
    Column(label="状态"),
    Column(label="在办审查组", numeric=True),
)
_CONFLICT = (
    Column(label="专家"),
    Column(label="案号"),
    Column(label="类型"),
    Column(label="依据"),
    Column(label="异议"),
)
_TIE = (Column(label="单位"), Column(label="类型"), Column(label="依据"), Column(label="有效至"), Column(label="状态"))
_PAST = tuple(Column(label=label) for label in ("审查组", "产生", "结果", "通知时间", "理由"))
_KINDS = [(kind.value, KIND_WORDS[kind]) for kind in RECORDED]


def _needed(form: FormData, *names: str) -> dict[str, str]:
    """These fields; a missing one is refused."""
    fields = {name: text_of(form, name) for name in names}
    if missing := next((name for name, value in fields.items() if not value), None):
        raise Refusal("missing", "请填写全部必填项。", field=missing)
    return fields


def _day(form: FormData, name: str) -> date | None:
    text = text_of(form, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as trouble:
        raise Refusal("bad_date", "日期格式应为 2026-05-07。", field=name) from trouble


@router.get("/pool")
async def pool_page(request: Request, act: Act = acting("pool.manage")) -> Response:
    """The pool: who waits for approval, who can be drawn; forms to record, approve, suspend."""
    names = pool_names(load_shipped().values())

    async def read(tx: Tx) -> Response:
        experts, load = await store.experts(tx), await store.running_panels(tx)
        waiting = [one for one in experts if one.state == ExpertState.RECORDED]
        page = page_for(
            tx,
            request,
            "专家库",
            expected_of_me=f"有{len(waiting)}位专家待复核" if waiting else None,
        )
        return render(
            request,
            "pool.html",
            page,
            columns=_EXPERT,
            rows=[_row(one, names, load.get(one.expert_id, 0)) for one in experts],
            pools=list(names.items()),
            waiting=[_option(one) for one in waiting if one.recorded_by != tx.actor.account_id],
            own_waiting=sum(one.recorded_by == tx.actor.account_id for one in waiting),
            approved=[_option(one) for one in experts if one.state == ExpertState.APPROVED],
            suspended=[_option(one) for one in experts if one.state == ExpertState.SUSPENDED],
            everybody=[_option(one) for one in experts],
            kinds=_KINDS,
        )

    return await act.read(read)


def _option(one: Expert) -> tuple[str, str]:
    return str(one.expert_id), f"{one.name}（{one.employer}）"


def _row(one: Expert, names: dict[str, str], panels: int) -> Row:
    words = EXPERT_WORDS[one.state] if one.available else f"{EXPERT_WORDS[one.state]}（本次不能参加）"
    return Row(
        cells=(
            one.name,
            one.login,
            names.get(one.pool, one.pool),
            one.employer,
            Badge(text=words, tone=tone_of(one.state)),
            f"{panels} / {one.load_cap}" if one.load_cap else str(panels),
        ),
        href=f"/expert/pool/{one.expert_id}",
    )


@router.get("/pool/{expert_id}")
async def expert_page(expert_id: UUID, request: Request, act: Act = acting("pool.manage")) -> Response:
    """An expert: particulars, ties, and the history of draws and refusals."""
    names = pool_names(load_shipped().values())

    async def read(tx: Tx) -> Response:
        expert = next((one for one in await store.experts(tx) if one.expert_id == expert_id), None)
        if expert is None:
            raise NotFound("专家库中没有这位专家。")
        page = page_for(tx, request, expert.name, crumbs=(Link(label="专家库", href="/expert/pool"),))
        return render(
            request,
            "pool_expert.html",
            page,
            expert=expert,
            pool_name=names.get(expert.pool, expert.pool),
            state=Badge(text=EXPERT_WORDS[expert.state], tone=tone_of(expert.state)),
            ties=await store.ties_of(tx, expert_id),
            kind_words=KIND_WORDS,
            columns=_PAST,
            rows=[_past_row(one) for one in await views.history_of(tx, expert_id)],
        )

    return await act.read(read)


def _past_row(one: views.PastPanel) -> Row:
    return Row(
        cells=(
            one.category_name,
            MEMBER_KIND_WORDS[MemberKind(one.kind)],
            Badge(text=one.state_words, tone=tone_of(one.state)),
            shanghai_datetime(one.called_at) if one.called_at else "—",
            one.reason or "—",
        ),
        href=f"/expert/panels/{one.stage_id}",
    )


@router.post("/pool")
async def record_expert(request: Request, act: Act = acting_form("pool.manage")) -> Response:
    """Record an expert."""
    form = await request.form()
    known = pool_names(load_shipped().values())
    given = _needed(form, "login", "name", "pool", "employer")
    cap = text_of(form, "load_cap")
    if cap and not cap.isdecimal():
        raise Refusal("bad_cap", "上限应为整数。", field="load_cap")
    particulars = pool.Particulars(
        text_of(form, "field") or None, text_of(form, "posts") or None, int(cap) if cap else None
    )

    async def do(tx: Tx) -> object:
        return await pool.record_expert(
            tx,
            known,
            login=given["login"],
            name=given["name"],
            pool=given["pool"],
            employer=given["employer"],
            employer_code=text_of(form, "employer_code") or None,
            particulars=particulars,
        )

    return await do_and_go(act, "/expert/pool", do)


@router.post("/pool/approve")
async def approve(request: Request, act: Act = acting_form("pool.manage")) -> Response:
    """Approve experts whom somebody else recorded."""
    chosen = [UUID(str(one)) for one in (await request.form()).getlist("expert_id")]
    if not chosen:
        raise Refusal("nobody_chosen", "请选择要复核的专家。", field="expert_id")
    return await do_and_go(act, "/expert/pool", lambda tx: pool.approve(tx, chosen))


@router.post("/pool/suspend")
async def suspend(request: Request, act: Act = acting_form("pool.manage")) -> Response:
    """Suspend an expert."""
    given = _needed(await request.form(), "expert_id", "reason")
    return await do_and_go(act, "/expert/pool", lambda tx: pool.suspend(tx, UUID(given["expert_id"]), given["reason"]))


@router.post("/pool/restore")
async def restore(request: Request, act: Act = acting_form("pool.manage")) -> Response:
    """End a suspension."""
    given = _needed(await request.form(), "expert_id", "reason")
    return await do_and_go(act, "/expert/pool", lambda tx: pool.restore(tx, UUID(given["expert_id"]), given["reason"]))


@router.post("/pool/ties")
async def record_tie(request: Request, act: Act = acting_form("pool.manage")) -> Response:
    """Record a tie of an expert."""
    form = await request.form()
    given, until = _needed(form, "expert_id", "kind", "credit_code", "evidence"), _day(form, "until")
    expert = UUID(given.pop("expert_id"))
    return await do_and_go(act, "/expert/pool", lambda tx: ties.record_tie(tx, expert, **given, until=until))


@router.get("/panels/{stage_id}/conflicts")
async def conflicts(stage_id: UUID, request: Request, act: Act = acting("pool.manage")) -> Response:
    """The conflicts of the pool with a panel's cases, as a picture and as a table."""

    async def read(tx: Tx) -> Response:
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
            rulings=[one for one in await store.contests(tx) if one.contest_id in contested],
            kind_words=KIND_WORDS,
        )

    return await act.read(read)


def _conflict_row(one: views.ConflictLine) -> Row:
    contested = Badge(text="待裁定", tone=tone_of("recorded")) if one.contest_id else "—"
    return Row(cells=(one.expert, one.number, one.kind_words, one.evidence, contested))


@router.post("/panels/{stage_id}/contest")
async def contest(stage_id: UUID, request: Request, act: Act = acting_form("pool.manage")) -> Response:
    """Say for an expert that a conflict does not hold."""
    given = _needed(await request.form(), "conflict", "reason")
    expert, kind, code = given["conflict"].split("/", 2)

    async def do(tx: Tx) -> object:
        return await ties.contest(tx, UUID(expert), Kind(kind), code, given["reason"])

    return await do_and_go(act, f"/expert/panels/{stage_id}/conflicts", do)


@router.post("/panels/{stage_id}/ruling")
async def ruling(stage_id: UUID, request: Request, act: Act = acting_form("pool.manage")) -> Response:
    """Rule on what somebody else contested."""
    given = _needed(await request.form(), "contest_id", "answer", "reason")

    async def do(tx: Tx) -> None:
        lifted = given["answer"] == "lifted"
        await ties.rule(tx, UUID(given["contest_id"]), lifted=lifted, reason=given["reason"])

    return await do_and_go(act, f"/expert/panels/{stage_id}/conflicts", do)


@router.get("/ties")
async def own_ties(request: Request, act: Act = acting("tie.declare")) -> Response:
    """An expert's own ties, and a form to declare another."""

    async def read(tx: Tx) -> Response:
        lines = await views.own_ties(tx)
        page = page_for(tx, request, "我的利害关系", crumbs=(HOME,))
        return render(request, "ties.html", page, columns=_TIE, rows=[_tie_row(one) for one in lines], kinds=_KINDS)

    return await act.read(read)


def _tie_row(one: views.TieLine) -> Row:
    state = Badge(text="已解除" if one.lifted else "异议待裁定" if one.contested else "有效")
    until = one.until.isoformat() if one.until else "长期"
    return Row(cells=(one.credit_code, one.kind_words, one.evidence, until, state))


@router.post("/ties")
async def declare(request: Request, act: Act = acting_form("tie.declare")) -> Response:
    """Declare a tie of one's own."""
    form = await request.form()
    given, until = _needed(form, "kind", "credit_code", "evidence"), _day(form, "until")

    async def do(tx: Tx) -> object:
        return await ties.record_tie(tx, (await store.expert_acting(tx)).expert_id, **given, until=until)

    return await do_and_go(act, "/expert/ties", do)
