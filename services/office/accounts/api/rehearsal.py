"""Rehearsal only: one-time sign-in links, to click through a running stack."""

import secrets
from collections.abc import Sequence

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.office.accounts import signing_in, store
from services.office.accounts.api.base import Body
from services.office.accounts.cookies import service_of
from services.office.accounts.seeding import seeded_accounts
from services.office.accounts.tables import Account
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.kernel.refusals import NotAllowed
from shared.web.act import Act, acting

router = APIRouter()


class LinksBody(Body):
    """Whose links to make; empty for one account of each role."""

    logins: tuple[str, ...] = ()


class LinkAnswer(BaseModel):
    """A one-time sign-in link of an account."""

    login: str
    display_name: str
    url: str


@router.post("/rehearsal/links")
async def links(body: LinksBody, request: Request, act: Act = acting("rehearsal.drive")) -> list[LinkAnswer]:
    """Rehearsal only: one-time sign-in links, to click through a running stack."""
    service = service_of(request)
    if not service.rehearsal:
        raise NotAllowed("只有演练环境可以生成登录链接。")

    async def make(tx: Tx) -> list[LinkAnswer]:
        wanted = set(body.logins or one_login_a_role(await store.all_accounts(tx)))
        chosen = [one for one in await store.all_accounts(tx) if one.login in wanted and one.revoked_at is None]
        return [await _link(tx, service, account) for account in chosen]

    return await act(make)


async def _link(tx: Tx, service: Service, account: Account) -> LinkAnswer:
    opaque = secrets.token_urlsafe(24)
    await signing_in.make_link(tx, account.account_id, opaque)
    url = f"{service.settings.public_origin}/account/sign-in/link/{opaque}"
    return LinkAnswer(login=account.login, display_name=account.display_name, url=url)


def one_login_a_role(accounts: Sequence[Account]) -> list[str]:
    """The first account of each role, seeded ones before others."""
    seeded = [one.login for one in seeded_accounts()]
    ordered = sorted(accounts, key=lambda one: (one.login not in seeded, one.created_at, one.login))
    first: dict[str, str] = {}
    for account in ordered:
        for role in account.roles:
            first.setdefault(role, account.login)
    return list(dict.fromkeys(first.values()))
