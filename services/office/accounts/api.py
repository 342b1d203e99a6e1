"""Signing in, tokens, accounts and tickets as JSON.

The four session endpoints need no ``Idempotency-Key``: a repeated sign-in is another session, the others change
nothing that a repeat would change again.
"""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.office.accounts import actions, sessions, store
from services.office.accounts.cookies import opaque_session, service_of, set_cookie
from services.office.accounts.domain import check_password
from services.office.accounts.passwords import hash_password
from services.office.accounts.reads import own_ticket, waiting_tickets
from services.office.accounts.seeding import seeded_accounts
from services.office.accounts.tables import Account, TicketRequest
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.kernel.ids import derived_id
from shared.kernel.refusals import NotAllowed
from shared.web.act import SESSION_COOKIE, TOKEN_COOKIE, Act, acting
from shared.web.rights import Role

router = APIRouter(prefix="/api/office", tags=["accounts"])


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class SignInBody(Body):
    """Login and password."""

    login: str = Field(max_length=200)
    password: SecretStr = Field(max_length=200)


class PasswordBody(Body):
    """The password once more."""

    password: SecretStr = Field(max_length=200)


class SignedInAnswer(BaseModel):
    """An open session (opaque, also set as a cookie) and a five-minute token."""

    account_id: UUID
    session: str
    token: str


class TokenAnswer(BaseModel):
    """A five-minute token."""

    token: str


class NewAccount(Body):
    """An account to create. Enterprises by credit code, departments by name; an expert acts for its own login."""

    login: str
    password: SecretStr = Field(max_length=200)
    display_name: str = Field(min_length=1, max_length=100)
    roles: list[Role]
    enterprises: list[str] = []
    departments: list[str] = []
    acts_for: list[UUID] = []


class AccountAnswer(BaseModel):
    """An account as the security administrator sees it."""

    account_id: UUID
    login: str
    display_name: str
    roles: list[str]
    acts_for: list[str]
    revoked_at: datetime | None


class Reason(Body):
    """Why."""

    reason: str = Field(min_length=1, max_length=500)


class TicketBody(Body):
    """What two persons shall agree to: the act, the digest of exactly what, and a sentence for the second person."""

    act: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    subject: str = Field(min_length=1, max_length=300)


class TicketAnswer(BaseModel):
    """A ticket as both persons see it; ``ticket`` is the signed one-use token once it is confirmed."""

    ticket_id: UUID
    act: str
    digest: str
    subject: str
    state: str
    asked_by: UUID
    asked_at: datetime
    answered_by: UUID | None = None
    reason: str | None = None
    ticket: str | None = None


class LinksBody(Body):
    """Whose links to make; empty for one account of each role."""

    logins: list[str] = []


class LinkAnswer(BaseModel):
    """A one-time sign-in link of an account."""

    login: str
    display_name: str
    url: str


def answer_of(account: Account) -> AccountAnswer:
    """An account without its password hash."""
    return AccountAnswer.model_validate(account, from_attributes=True)


@router.post("/sign-in")
async def sign_in(body: SignInBody, request: Request, response: Response) -> SignedInAnswer:
    """Open a session; five wrong passwords in a row lock the login for 15 minutes."""
    signed_in = await sessions.sign_in(service_of(request), body.login, body.password.get_secret_value())
    set_cookie(request, response, SESSION_COOKIE, signed_in.session)
    return SignedInAnswer(account_id=signed_in.account_id, session=signed_in.session, token=signed_in.token)


@router.post("/token")
async def token(request: Request) -> TokenAnswer:
    """Exchange the session for a fresh five-minute token."""
    return TokenAnswer(token=await sessions.fresh_token(service_of(request), opaque_session(request)))


@router.post("/reauthenticate")
async def reauthenticate(body: PasswordBody, request: Request) -> TokenAnswer:
    """Prove oneself again before an irreversible act."""
    password = body.password.get_secret_value()
    return TokenAnswer(token=await sessions.prove_again(service_of(request), opaque_session(request), password))


@router.post("/sign-out", status_code=HTTPStatus.NO_CONTENT)
async def sign_out(request: Request) -> Response:
    """End the session."""
    await sessions.end_session(service_of(request), opaque_session(request))
    response = Response(status_code=HTTPStatus.NO_CONTENT)
    for name in (SESSION_COOKIE, TOKEN_COOKIE):
        response.delete_cookie(name)
    return response


@router.post("/accounts", status_code=HTTPStatus.CREATED)
async def create_account(body: NewAccount, act: Act = acting("account.create")) -> AccountAnswer:
    """Create an account (security administrator)."""
    password = body.password.get_secret_value()
    check_password(password)
    kept = await hash_password(password)
    acts_for = [
        *body.acts_for,
        *(derived_id("enterprise", code) for code in body.enterprises),
        *(derived_id("department", name) for name in body.departments),
    ]

    async def create(tx: Tx) -> AccountAnswer:
        return answer_of(await actions.create_account(tx, body.login, kept, body.display_name, body.roles, acts_for))

    return await act(create)


@router.get("/accounts")
async def accounts(act: Act = acting("account.read")) -> list[AccountAnswer]:
    """All accounts."""

    async def read(tx: Tx) -> list[AccountAnswer]:
        return [answer_of(account) for account in await store.all_accounts(tx)]

    return await act.read(read)


@router.post("/accounts/{account_id}/revoke")
async def revoke_account(account_id: UUID, body: Reason, act: Act = acting("account.revoke")) -> AccountAnswer:
    """End an account; every service refuses it as soon as it hears."""

    async def revoke(tx: Tx) -> AccountAnswer:
        return answer_of(await actions.revoke_account(tx, account_id, body.reason))

    return await act(revoke)


@router.post("/tickets", status_code=HTTPStatus.CREATED)
async def ask_ticket(body: TicketBody, act: Act = acting("ticket.ask")) -> TicketAnswer:
    """Ask for a second person's agreement."""

    async def ask(tx: Tx) -> TicketAnswer:
        return ticket_answer(await actions.ask_ticket(tx, body.act, body.digest, body.subject))

    return await act(ask)


@router.get("/tickets")
async def tickets(act: Act = acting("ticket.confirm")) -> list[TicketAnswer]:
    """What waits for a second person."""

    async def read(tx: Tx) -> list[TicketAnswer]:
        return [ticket_answer(ticket) for ticket in await waiting_tickets(tx)]

    return await act.read(read)


@router.get("/tickets/{ticket_id}")
async def ticket(ticket_id: UUID, request: Request, act: Act = acting("ticket.ask")) -> TicketAnswer:
    """One ticket; once confirmed, its two persons find the signed token here."""

    async def read(tx: Tx) -> TicketAnswer:
        row = await own_ticket(tx, ticket_id)
        answer = ticket_answer(row)
        if row.state == "confirmed" and tx.actor.account_id in (row.asked_by, row.answered_by):
            answer.ticket = sign(request, row)
        return answer

    return await act.read(read)


@router.post("/tickets/{ticket_id}/confirm")
async def confirm_ticket(ticket_id: UUID, request: Request, act: Act = acting("ticket.confirm")) -> TicketAnswer:
    """Agree as the second person; answers the signed one-use ticket."""

    async def confirm(tx: Tx) -> TicketAnswer:
        await actions.confirm_ticket(tx, ticket_id)
        row = await store.ticket_row(tx, ticket_id)
        return ticket_answer(row).model_copy(update={"ticket": sign(request, row)})

    return await act(confirm)


@router.post("/tickets/{ticket_id}/decline")
async def decline_ticket(ticket_id: UUID, body: Reason, act: Act = acting("ticket.confirm")) -> TicketAnswer:
    """Refuse to agree, with a reason."""

    async def decline(tx: Tx) -> TicketAnswer:
        return ticket_answer(await actions.decline_ticket(tx, ticket_id, body.reason))

    return await act(decline)


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
    opaque = await sessions.make_link(tx, account.account_id)
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


def ticket_answer(row: TicketRequest) -> TicketAnswer:
    """A ticket without its token."""
    return TicketAnswer.model_validate(row, from_attributes=True)


def sign(request: Request, row: TicketRequest) -> str:
    """The signed one-use token of a confirmed ticket."""
    signer = service_of(request).signer
    if signer is None:
        raise RuntimeError("office signs tickets: set FANGBANG_TOKEN_PRIVATE_KEY")
    return signer.ticket(actions.signed_content(row))
