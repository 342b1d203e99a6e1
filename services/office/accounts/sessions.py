"""Sessions: opening one with a password or a link, exchanging it for a token, proving oneself again, ending it.

These are edges of their own, not actions of a signed-in person: a wrong password must be counted although the answer
is a refusal, so counting and refusing are two transactions.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.office.accounts import domain
from services.office.accounts.actions import acting_as
from services.office.accounts.passwords import fits
from services.office.accounts.store import account_by_login, account_row, failures_of, session_by_hash
from services.office.accounts.tables import Account, AccountSession, SignInFailure, SignInLink
from shared.infra.clocks import new_id
from shared.infra.database import Actor, Tx
from shared.infra.service import Service
from shared.kernel.refusals import NotSignedIn


@dataclass(frozen=True)
class SignedIn:
    """An open session: its opaque token, and a fresh access token."""

    account_id: UUID
    session: str
    token: str


def token_hash(token: str) -> str:
    """How an opaque token is kept; it has 256 random bits, so one pass is enough."""
    return sha256(token.encode()).hexdigest()


async def sign_in(service: Service, login: str, password: str) -> SignedIn:
    """Open a session with a password; five wrong ones in a row lock the login for 15 minutes."""
    normal = domain.normal_login(login)
    account = await _check_password(service, normal, password)
    async with service.database.transaction() as tx:
        return await open_session(tx, service, account)


async def sign_in_by_link(service: Service, link: str) -> SignedIn:
    """Rehearsal only: open a session with a one-time link."""
    async with service.database.transaction() as tx:
        row = await tx.session.get(SignInLink, token_hash(link), with_for_update=True)
        if row is None or row.used_at is not None or tx.system_now - row.made_at > domain.LINK_LIFE:
            raise NotSignedIn("这个登录链接无效或已经用过。")
        row.used_at = tx.system_now
        tx.session.add(row)
        return await open_session(tx, service, await account_row(tx, row.account_id))


async def open_session(tx: Tx, service: Service, account: Account) -> SignedIn:
    """Write a session for an account that has proved itself, and sign its first token."""
    opaque = secrets.token_urlsafe(32)
    session = AccountSession(
        session_id=new_id(),
        account_id=account.account_id,
        token_hash=token_hash(opaque),
        opened_at=tx.system_now,
        used_at=tx.system_now,
        auth_time=tx.system_now,
    )
    tx.session.add(session)
    acting_as(tx, account)
    await tx.audit("session.opened", session=session.session_id)
    return SignedIn(account.account_id, opaque, signed_token(service, account, session))


async def fresh_token(service: Service, opaque: str) -> str:
    """Exchange a session for a five-minute token."""
    async with service.database.transaction() as tx:
        account, session = await living_session(tx, opaque)
        return signed_token(service, account, session)


async def prove_again(service: Service, opaque: str, password: str) -> str:
    """Check the password again; the token that comes back carries the new time of authentication."""
    async with service.database.transaction() as tx:
        account, _ = await living_session(tx, opaque)
    await _check_password(service, account.login, password)
    async with service.database.transaction() as tx:
        account, session = await living_session(tx, opaque)
        session.auth_time = tx.system_now
        acting_as(tx, account)
        await tx.audit("session.proved_again", session=session.session_id)
        return signed_token(service, account, session)


async def end_session(service: Service, opaque: str) -> None:
    """Sign out; an unknown or ended session is no trouble."""
    async with service.database.transaction() as tx:
        session = await session_by_hash(tx, token_hash(opaque))
        if session is not None and session.ended_at is None:
            session.ended_at = tx.system_now
            tx.session.add(session)


async def living_session(tx: Tx, opaque: str) -> tuple[Account, AccountSession]:
    """The session and its account, touched; refuses one that has ended in any way."""
    session = await session_by_hash(tx, token_hash(opaque))
    if session is None:
        raise NotSignedIn
    account = await account_row(tx, session.account_id)
    domain.require_alive(session.opened_at, session.used_at, session.ended_at, account.revoked_at, tx.system_now)
    session.used_at = tx.system_now
    tx.session.add(session)
    return account, session


async def make_link(tx: Tx, account_id: UUID) -> str:
    """Make a one-time link for an account; returns its opaque part."""
    opaque = secrets.token_urlsafe(24)
    tx.session.add(SignInLink(token_hash=token_hash(opaque), account_id=account_id, made_at=tx.system_now))
    await tx.audit("sign_in_link.made", account=account_id)
    return opaque


def signed_token(service: Service, account: Account, session: AccountSession) -> str:
    """A five-minute token of this session."""
    if service.signer is None:
        raise RuntimeError("office signs tokens: set FANGBANG_TOKEN_PRIVATE_KEY")
    return service.signer.token(
        Actor(
            account_id=account.account_id,
            roles=frozenset(account.roles),
            acts_for=frozenset(UUID(one) for one in account.acts_for),
            session=session.session_id,
            auth_time=session.auth_time,
        )
    )


async def _check_password(service: Service, login: str, password: str) -> Account:
    async with service.database.transaction() as tx:
        account = await account_by_login(tx, login)
        failures = await failures_of(tx, login)
        domain.require_unlocked(failures.locked_until if failures else None, tx.system_now)
    usable = account is not None and account.revoked_at is None
    right = await fits(password, account.password_hash if account and usable else None)
    async with service.database.transaction() as tx:
        locked_until = await _count(tx, login, account, right=right)
        now = tx.system_now
    if account is None or not right:
        domain.require_unlocked(locked_until, now)
        raise domain.WrongPassword
    return account


async def _count(tx: Tx, login: str, account: Account | None, *, right: bool) -> datetime | None:
    """Forget the failures after a right password; count a wrong one, and lock after too many in a row."""
    await tx.lock("sign-in", login)
    row = await failures_of(tx, login)
    if right:
        if row is not None:
            await tx.session.delete(row)
        return None
    row = row or SignInFailure(login=login, failures=0, last_at=tx.system_now)
    if row.locked_until is not None and row.locked_until <= tx.system_now:
        row.failures, row.locked_until = 0, None
    row.failures, row.last_at = row.failures + 1, tx.system_now
    row.locked_until = domain.locks_after(row.failures, tx.system_now)
    tx.session.add(row)
    if row.locked_until is not None:
        await tx.audit("account.locked", account=account.account_id if account else None)
    return row.locked_until
