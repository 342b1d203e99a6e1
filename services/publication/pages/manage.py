"""Work pages of the office: post calls and notices, handle objections, release."""

from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints
from starlette.responses import Response

from services.publication import store
from services.publication.actions import objections, postings
from services.publication.actions.release.confirming import confirm_release, confirmable
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import running_stages
from shared.web.act import Act, acting, acting_form, csrf_token
from shared.web.form_again import form_of, path_id, refused_on
from shared.web.navigation import menu, role_words
from shared.web.page import Actor, PageContext
from shared.web.rights import may
from shared.web.two_persons import agreement

router = APIRouter(prefix="/lists/manage", include_in_schema=False)
Text = Annotated[str, Form(max_length=2000)]
Required = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Form()]


def _page(tx: Tx, request: Request, title: str, **answers: Any) -> PageContext:
    nav, person = menu(tx.actor, request.url.path), Actor(name="", role=role_words(tx.actor.roles))
    return PageContext(title=title, server_time=tx.now, actor=person, nav=nav, **answers)


def _render(request: Request, template: str, page: PageContext, **context: Any) -> Response:
    forms: dict[str, Any] = {"csrf": csrf_token(request), "key": str(new_id())}
    forms |= {"form_at": partial(form_of, request), "refused": refused_on(request)}
    answer: Response = request.app.state.templates.TemplateResponse(
        request, f"manage/{template}", {"page": page, **forms, **context}
    )
    return answer


def _see(path: str) -> Response:
    return RedirectResponse(path, 303)


@router.get("")
async def to_post(request: Request, act: Act = acting("posting.record")) -> Response:
    """What waits to be posted, with its text."""

    return await act.read(lambda tx: _postings_page(tx, request))


async def _postings_page(tx: Tx, request: Request) -> Response:
    cards = []
    for stage in await running_stages(tx):
        if stage.waits_for == "office" and await store.posting(tx, stage.stage_id) is None:
            draft = await postings.posting_draft(tx, stage.stage_id)
            cards.append(
                {
                    "draft": draft,
                    "category": store.rules_of(stage).name,
                    "supplement": stage.supplement,
                    "channels": [(channel, channel) for channel in draft.channels],
                }
            )
    page = _page(tx, request, "发布登记", expected_of_me="在规定渠道发布后登记" if cards else None)
    return _render(request, "postings.html", page, cards=cards)


@router.post("/postings/{stage_id}")
async def post(
    stage_id: UUID, channel: Text, address: Required, act: Act = acting_form("posting.record", page=_postings_page)
) -> Response:
    """Record a posting."""

    async def do(tx: Tx) -> str:
        await postings.record_posting(tx, stage_id, channel, address)
        return "/lists/manage"

    return _see(await act(do))


@router.get("/objections")
async def all_objections(request: Request, act: Act = acting("objection.read")) -> Response:
    """Every objection, open ones first."""

    async def read(tx: Tx) -> Response:
        rows = sorted(await objections.list_objections(tx), key=lambda row: (row.closed_at is not None, row.filed_at))
        waiting = sum(row.closed_at is None for row in rows)
        page = _page(tx, request, "异议", expected_of_me=f"{waiting} 件待处理" if waiting else None)
        return _render(request, "objections.html", page, rows=rows, opens=may(act.actor, "objection.rule"))

    return await act.read(read)


@router.get("/objections/{objection_id}")
async def one_objection(request: Request, act: Act = acting("objection.rule")) -> Response:
    """An objection with who filed it; opening it is audited."""
    return await act.read(lambda tx: _objection_page(tx, request))


async def _objection_page(tx: Tx, request: Request) -> Response:
    secret: bytes = request.app.state.service.secret
    row = await objections.open_objection(tx, secret, path_id(request, "objection_id"))
    return _render(request, "objection.html", _page(tx, request, f"异议 {row.receipt}"), row=row)


@router.post("/objections/{objection_id}/{step}")
async def handle(
    objection_id: UUID,
    step: Literal["admit", "reject", "uphold", "dismiss"],
    reason: Text = "",
    act: Act = acting_form("objection.rule", page=_objection_page),
) -> Response:
    """Admit, refuse to admit, uphold or dismiss."""

    async def do(tx: Tx) -> str:
        match step:
            case "admit":
                await objections.admit(tx, objection_id)
            case "reject":
                await objections.reject_inadmissible(tx, objection_id, reason)
            case "uphold" | "dismiss":
                await objections.rule(tx, objection_id, upheld=step == "uphold", reason=reason)
        return f"/lists/manage/objections/{objection_id}"

    return _see(await act(do))


@router.get("/releases")
async def releases(request: Request, act: Act = acting("release.confirm")) -> Response:
    """What each cycle's release would release now, and what it waits for."""

    async def read(tx: Tx) -> Response:
        shown, ready = [], False
        for cycle in await store.cycles(tx):
            title = f"{store.rulebook_of(cycle).short_title}·{cycle.year} 年度"
            state = await confirmable(tx, cycle.cycle_id)
            agreed = agreement(request, state.act, state.digest or "", f"发布名单（{title}）", "/lists/manage/releases")
            about = {"cycle_id": cycle.cycle_id, "state": state, "released_at": cycle.released_at}
            shown.append({"title": title, "agreement": agreed, **about})
            ready = ready or state.ready
        page = _page(tx, request, "发布", expected_of_me="申请双人复核后发布" if ready else None)
        return _render(request, "releases.html", page, cycles=shown)

    return await act.read(read)


@router.post("/releases/{cycle_id}")
async def release(cycle_id: UUID, act: Act = acting_form("release.confirm")) -> Response:
    """Release with the ticket of two persons."""
    ticket = act.ticket

    async def do(tx: Tx) -> str:
        await confirm_release(tx, cycle_id, ticket)
        return "/lists/manage/releases"

    return _see(await act(do))
