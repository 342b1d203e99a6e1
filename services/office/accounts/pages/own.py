"""我的账号: one's password, second factor and open sessions."""

import secrets
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from services.office.accounts import second_factors, sessions, store
from services.office.accounts.actions import api_tokens, people
from services.office.accounts.cookies import service_of
from services.office.accounts.domain.api_tokens import PERSONAL, PREFIX
from services.office.accounts.domain.passwords import describe
from services.office.accounts.pages.base import Required, Text, see
from services.office.accounts.sessions import profile_of
from services.office.accounts.tables import AccountSession
from services.office.site import home_of, page_for, render
from shared.contracts.acts import MAY
from shared.infra.database import Tx
from shared.infra.tickets import FRESH_MINUTES
from shared.web.act import Act, acting, acting_form
from shared.web.navigation import role_words
from shared.web.rights import POLICY, may, needs_second_factor

router = APIRouter()


@router.get("/account/home")
async def work(act: Act = acting("account.own")) -> Response:
    """To where one's work begins; a page that refuses somebody leads here."""
    return see(home_of(sorted(act.actor.roles)))


@router.get("/account")
async def own_account(request: Request, act: Act = acting("account.own")) -> Response:
    """The page."""
    return await act.read(lambda tx: _page(tx, request))


async def _page(tx: Tx, request: Request, secret: str | None = None) -> Response:
    account_id = tx.actor.account_id
    assert account_id is not None  # the door lets signed-in persons through only
    account = await store.account_row(tx, account_id)
    shown: dict[str, Any] = {
        "account": account,
        "roles": role_words(account.roles),
        "enrolled": await second_factors.is_enrolled(tx, account),
        "rules": describe(profile_of(service_of(request))),
        "fresh_minutes": FRESH_MINUTES,
        "sessions": [_line(one, tx.actor.session) for one in await sessions.own_sessions(tx)],
        "tokens": await store.api_tokens(tx, account_id),
        "scopes": [(act, MAY[act]) for act in sorted(POLICY) if may(tx.actor, act) and act not in PERSONAL],
        "words": MAY,
        "secret": secret,
    }
    link = await store.identity_of(tx, account.account_id)
    shown |= {"provider": _provider(request, account.roles), "linked_at": link.linked_at if link else None}
    page = await page_for(tx, request, "我的账号")
    return render(request, "account/own.html", page, **shown)


def _provider(request: Request, roles: list[str]) -> str | None:
    """The name of the provider that staff may link their account to, where one is set."""
    settings = service_of(request).settings
    return settings.oidc_name if settings.oidc_issuer and needs_second_factor(roles) else None


def _line(session: AccountSession, current: UUID | None) -> dict[str, object]:
    return {
        "id": session.session_id,
        "opened_at": session.opened_at,
        "used_at": session.used_at,
        "current": session.session_id == current,
    }


@router.post("/account/password")
async def change_password(
    request: Request, password: Text, act: Act = acting_form("account.own", page=_page)
) -> Response:
    """Change one's password; the other sessions end."""
    profile = profile_of(service_of(request))

    async def change(tx: Tx) -> str:
        await people.change_own_password(tx, profile, password)
        return "/account"

    return see(await act(change))


@router.post("/account/tokens")
async def make_token(
    request: Request,
    name: Required,
    days: Annotated[int, Form()],
    scopes: Annotated[tuple[str, ...], Form()] = (),
    act: Act = acting_form("account.own", page=_page),
) -> Response:
    """Make an API token and show it, this once."""
    secret, made = PREFIX + secrets.token_urlsafe(32), []

    async def make(tx: Tx) -> str:
        made.append(await api_tokens.make_token(tx, sessions.token_hash(secret), name, scopes, days))
        return "/account"

    await act(make)
    return await act.read(lambda tx: _page(tx, request, secret if made else None))


@router.post("/account/tokens/{token_id}/revoke")
async def revoke_token(token_id: UUID, act: Act = acting_form("account.own")) -> Response:
    """Take an API token back."""

    async def revoke(tx: Tx) -> str:
        await api_tokens.revoke_token(tx, token_id)
        return "/account"

    return see(await act(revoke))


@router.post("/account/sessions/{session_id}/end")
async def end_session(session_id: UUID, act: Act = acting_form("account.own")) -> Response:
    """End one of one's sessions."""

    async def end(tx: Tx) -> str:
        await sessions.end_own_session(tx, session_id)
        return "/account"

    return see(await act(end))
