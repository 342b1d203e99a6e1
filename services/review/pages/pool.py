"""专家库: who is in it, recorded by one and approved by another; availability, ties, suspension."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.review import store
from services.review.actions import pool, ties
from services.review.domain.conflicts import KIND_WORDS
from services.review.domain.panel import MEMBER_KIND_WORDS, MemberKind
from services.review.domain.pool import EXPERT_WORDS, ExpertState
from services.review.pages.conflicts import KINDS, rule_from, rulings_shown
from services.review.pages.doing import do_and_go
from services.review.pages.fields import day_of, id_of, ids_of, needed
from services.review.reads import conflicts as views
from services.review.rulebooks import pool_names
from services.review.site import page_for, render, tone_of
from services.review.tables import Expert
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
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
_PAST = tuple(Column(label=label) for label in ("审查组", "产生", "结果", "通知时间", "理由"))


@router.get("/pool")
async def pool_page(request: Request, act: Act = acting("pool.manage")) -> Response:
    """The pool: who waits for approval, who can be drawn; forms to record, approve, suspend."""
    return await act.read(lambda tx: pool_shown(tx, request))


async def pool_shown(tx: Tx, request: Request) -> Response:
    """Where everything about the pool is done."""
    names = pool_names(load_shipped().values())
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
        kinds=KINDS,
        rulings=await rulings_shown(tx, await store.contests(tx)),
    )


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
async def record_expert(request: Request, act: Act = acting_form("pool.manage", page=pool_shown)) -> Response:
    """Record an expert."""
    form = await request.form()
    known = pool_names(load_shipped().values())
    given = needed(form, "login", "name", "pool", "employer")
    cap = text_of(form, "load_cap")
    if cap and not (cap.isdecimal() and 1 <= int(cap) <= 100):
        raise Refusal("bad_cap", "上限应为1至100的整数。", field="load_cap")
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
async def approve(request: Request, act: Act = acting_form("pool.manage", page=pool_shown)) -> Response:
    """Approve experts whom somebody else recorded."""
    chosen = ids_of(await request.form(), "expert_id")
    if not chosen:
        raise Refusal("nobody_chosen", "请选择要复核的专家。", field="expert_id")
    return await do_and_go(act, "/expert/pool", lambda tx: pool.approve(tx, chosen))


@router.post("/pool/suspend")
async def suspend(request: Request, act: Act = acting_form("pool.manage", page=pool_shown)) -> Response:
    """Suspend an expert."""
    form = await request.form()
    expert, given = id_of(form, "expert_id"), needed(form, "reason")
    return await do_and_go(act, "/expert/pool", lambda tx: pool.suspend(tx, expert, given["reason"]))


@router.post("/pool/restore")
async def restore(request: Request, act: Act = acting_form("pool.manage", page=pool_shown)) -> Response:
    """End a suspension."""
    form = await request.form()
    expert, given = id_of(form, "expert_id"), needed(form, "reason")
    return await do_and_go(act, "/expert/pool", lambda tx: pool.restore(tx, expert, given["reason"]))


@router.post("/pool/availability")
async def set_available(request: Request, act: Act = acting_form("pool.manage", page=pool_shown)) -> Response:
    """Say whether an expert can be drawn now."""
    form = await request.form()
    expert, available = id_of(form, "expert_id"), needed(form, "available")["available"] == "yes"
    return await do_and_go(act, "/expert/pool", lambda tx: pool.set_available(tx, expert, available))


@router.post("/pool/ties")
async def record_tie(request: Request, act: Act = acting_form("pool.manage", page=pool_shown)) -> Response:
    """Record a tie of an expert."""
    form = await request.form()
    expert, until = id_of(form, "expert_id"), day_of(form, "until")
    given = needed(form, "kind", "credit_code", "evidence")
    return await do_and_go(act, "/expert/pool", lambda tx: ties.record_tie(tx, expert, **given, until=until))


@router.post("/pool/ruling")
async def rule(request: Request, act: Act = acting_form("pool.manage", page=pool_shown)) -> Response:
    """Rule on what somebody else contested, whether or not a panel has a case of that organisation."""
    return await rule_from(act, await request.form(), "/expert/pool")
