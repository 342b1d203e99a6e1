"""Signing in and out, renewing the token behind a page, and two persons' tickets, as pages."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.office.accounts import actions, sessions, store
from services.office.accounts.cookies import (
    drop_both,
    opaque_session,
    require_own_form,
    service_of,
    set_both,
    set_cookie,
)
from services.office.accounts.reads import waiting_tickets
from services.office.accounts.sessions import SignedIn
from services.office.accounts.tables import Account, TicketRequest
from services.office.site import errors_of, home_of, own_path, page_for, render, role_words
from shared.infra.database import Tx
from shared.kernel.refusals import NotSignedIn, Refusal
from shared.web.act import TOKEN_COOKIE, Act, acting, acting_form
from shared.web.page import PageContext
from shared.web.parts import Badge, Column, Row, Tone
from shared.web.rights import may

router = APIRouter(include_in_schema=False)

ACT_WORDS = {
    "panel.draw": "抽取专家",
    "panel.void": "作废抽取",
    "panel.unseal": "拆封评分表",
    "case.disqualify": "取消参评资格",
    "calendar.import": "导入放假安排",
    "target.lock": "锁定绩效目标",
    "evaluation.decide": "确定推荐意见",
    "release.confirm": "发布名单",
    "stage.change": "终止阶段",
}

Text = Annotated[str, Form(max_length=500)]


@router.get("/account/sign-in")
async def sign_in_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """The form."""
    return _form(request, "account/sign_in.html", "登录", next=own_path(next, ""))


@router.post("/account/sign-in")
async def sign_in(request: Request, login: Text, password: Text, next: Text = "") -> Response:  # noqa: A002
    """Sign in and go on."""
    require_own_form(request)
    try:
        signed_in = await sessions.sign_in(service_of(request), login, password)
    except Refusal as refusal:
        known = {"next": own_path(next, ""), "login": login}
        return _form(request, "account/sign_in.html", "登录", refusal, **known)
    return await _go_on(request, signed_in, next)


@router.get("/account/sign-in/link/{link}")
async def sign_in_by_link(link: str, request: Request) -> Response:
    """Rehearsal only: sign in with a one-time link."""
    return await _go_on(request, await sessions.sign_in_by_link(service_of(request), link), "")


@router.get("/account/renew")
async def renew(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """Exchange the session for a fresh token cookie and go back; without a session, sign in first."""
    target = own_path(next, "/office")
    try:
        token = await sessions.fresh_token(service_of(request), opaque_session(request))
    except NotSignedIn:
        return _see(f"/account/sign-in?{urlencode({'next': target})}")
    response = _see(target)
    set_cookie(request, response, TOKEN_COOKIE, token)
    return response


@router.get("/account/prove")
async def prove_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's public name
    """The form for fresh authentication before an irreversible act."""
    return _form(request, "account/prove.html", "再次验证身份", next=own_path(next, "/office"))


@router.post("/account/prove")
async def prove(request: Request, password: Text, next: Text = "") -> Response:  # noqa: A002
    """Check the password again and go on."""
    require_own_form(request)
    target = own_path(next, "/office")
    try:
        token = await sessions.prove_again(service_of(request), opaque_session(request), password)
    except Refusal as refusal:
        return _form(request, "account/prove.html", "再次验证身份", refusal, next=target)
    response = _see(target)
    set_cookie(request, response, TOKEN_COOKIE, token)
    return response


@router.get("/account/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session and go home."""
    response = _see("/")
    try:
        await sessions.end_session(service_of(request), opaque_session(request))
    except NotSignedIn:
        return response
    drop_both(response)
    return response


@router.get("/office/tickets")
async def tickets(request: Request, act: Act = acting("ticket.confirm")) -> Response:
    """双人复核: what waits for a second person."""

    async def read(tx: Tx) -> Response:
        waiting = await waiting_tickets(tx)
        names = await store.display_names(tx, [ticket.asked_by for ticket in waiting])
        page = await page_for(
            tx,
            request,
            "双人复核",
            expected_of_me="核对事项与摘要，确认或退回" if waiting else None,
            next_step="确认后，申请人凭复核单办理；复核单只能使用一次" if waiting else None,
        )
        cards = [_card(tx, ticket, names) for ticket in waiting]
        return render(request, "office/tickets.html", page, cards=cards)

    return await act.read(read)


@router.post("/office/tickets/{ticket_id}/confirm")
async def confirm(ticket_id: UUID, act: Act = acting_form("ticket.confirm")) -> Response:
    """Agree as the second person."""

    async def do(tx: Tx) -> str:
        await actions.confirm_ticket(tx, ticket_id)
        return "/office/tickets"

    return _see(await act(do))


@router.post("/office/tickets/{ticket_id}/decline")
async def decline(ticket_id: UUID, reason: Text, act: Act = acting_form("ticket.confirm")) -> Response:
    """Refuse to agree."""

    async def do(tx: Tx) -> str:
        await actions.decline_ticket(tx, ticket_id, reason)
        return "/office/tickets"

    return _see(await act(do))


@router.get("/office/accounts")
async def accounts(request: Request, act: Act = acting("account.read")) -> Response:
    """账号: who may sign in as what."""

    async def read(tx: Tx) -> Response:
        page = await page_for(tx, request, "账号与权限")
        columns = (Column(label="账号"), Column(label="名称"), Column(label="身份"), Column(label="状态"))
        rows = [_row(account) for account in await store.all_accounts(tx)]
        return render(request, "office/accounts.html", page, columns=columns, rows=rows)

    return await act.read(read)


def _row(account: Account) -> Row:
    state = Badge(text="已停用", tone=Tone.BAD) if account.revoked_at else Badge(text="有效", tone=Tone.GOOD)
    return Row(
        cells=(account.login, account.display_name, role_words(account.roles), state),
        struck=account.revoked_at is not None,
    )


def _card(tx: Tx, ticket: TicketRequest, names: dict[UUID, str]) -> dict[str, object]:
    return {
        "id": ticket.ticket_id,
        "act": ACT_WORDS.get(ticket.act, ticket.act),
        "subject": ticket.subject,
        "digest": ticket.digest,
        "asked_by": names[ticket.asked_by],
        "own": ticket.asked_by == tx.actor.account_id,
        "mine": may(tx.actor, ticket.act),
    }


def _form(request: Request, template: str, title: str, refusal: Refusal | None = None, **context: Any) -> Response:
    page = PageContext(title=title, server_time=service_of(request).database.now())
    errors = errors_of(refusal) if refusal else ()
    return render(request, template, page, status=refusal.status if refusal else 200, errors=errors, **context)


async def _go_on(request: Request, signed_in: SignedIn, target: str) -> Response:
    async with service_of(request).database.transaction() as tx:
        account = await store.account_row(tx, signed_in.account_id)
    response = _see(own_path(target, home_of(account.roles)))
    set_both(request, response, signed_in)
    return response


def _see(path: str) -> RedirectResponse:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
