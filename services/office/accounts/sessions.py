"""Sessions: begun by a sign-in, finished when all its steps are done, exchanged for tokens, ended."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from services.office.accounts.actions.who import acting_as
from services.office.accounts.domain import sessions as rules
from services.office.accounts.domain.api_tokens import require_usable
from services.office.accounts.domain.passwords import PROFILES, Profile
from services.office.accounts.domain.sessions import Step
from services.office.accounts.store import (
    account_row,
    api_token_by_hash,
    failures_of,
    handed_to,
    open_sessions,
    session_by_hash,
)
from services.office.accounts.tables import Account, AccountSession
from shared.infra.clocks import new_id
from shared.infra.database import Actor, Tx
from shared.infra.service import Service
from shared.kernel.refusals import NotFound, NotSignedIn

NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class SignedIn:
    """A sign-in: its opaque session, and a fresh access token once nothing is wanted any more."""

    account_id: UUID
    session: str
    token: str | None = None
    wants: Step | None = None


def profile_of(service: Service) -> Profile:
    """What this stack asks of passwords and sessions."""
    return PROFILES[service.settings.password_profile]


def token_hash(token: str) -> str:
    """How an opaque token is kept; it has 256 random bits, so one pass is enough."""
    return sha256(token.encode()).hexdigest()


async def begin_session(
    tx: Tx, service: Service, account: Account, wants: Step | None, *, by_provider: bool = False
) -> SignedIn:
    """Write a sign-in for an account whose password was right, or whom a provider has proved; a session at once when
    nothing more is wanted."""
    opaque = secrets.token_urlsafe(32)
    session = AccountSession(
        session_id=new_id(),
        account_id=account.account_id,
        token_hash=token_hash(opaque),
        opened_at=tx.system_now,
        used_at=tx.system_now,
        auth_time=tx.system_now,
        wants=wants,
        by_provider=by_provider,
    )
    tx.session.add(session)
    if wants is None:
        return await finish_session(tx, service, account, session)
    return SignedIn(account.account_id, opaque, wants=wants)


async def finish_session(tx: Tx, service: Service, account: Account, session: AccountSession) -> SignedIn:
    """Make a sign-in a session, under a new opaque token: whoever planted the one before has nothing of it."""
    opaque = secrets.token_urlsafe(32)
    session.token_hash, session.wants = token_hash(opaque), None
    session.used_at = tx.system_now
    # A provider may have let somebody in without asking anew: that is no fresh proof for an irreversible act.
    session.auth_time = NEVER if session.by_provider else tx.system_now
    tx.session.add(session)
    await forget_failures(tx, account.login)
    acting_as(tx, account)
    await tx.audit("session.opened", session=session.session_id)
    return SignedIn(account.account_id, opaque, await signed_token(tx, service, account, session))


async def forget_failures(tx: Tx, login: str) -> None:
    """Whoever has proved everything begins anew."""
    row = await failures_of(tx, login)
    if row is not None:
        await tx.session.delete(row)


async def fresh_token(service: Service, opaque: str) -> str:
    """Exchange a session for a five-minute token."""
    async with service.database.transaction() as tx:
        account, session = await living_session(tx, service, opaque)
        return await signed_token(tx, service, account, session)


async def token_of_program(service: Service, api_token: str) -> str:
    """Exchange an API token for a five-minute token with its scopes; never fresh, so no irreversible act."""
    async with service.database.transaction() as tx:
        kept = await api_token_by_hash(tx, token_hash(api_token))
        if kept is None:
            raise NotSignedIn("令牌无效或已过期。")
        account = await account_row(tx, kept.account_id)
        require_usable(kept.expires_at, kept.revoked_at, account.revoked_at, tx.system_now)
        kept.used_at = tx.system_now
        tx.session.add(kept)
        actor = replace(
            await actor_now(tx, account), session=kept.token_id, auth_time=NEVER, scopes=frozenset(kept.scopes)
        )
        return _sign(service, actor)


async def end_session(service: Service, opaque: str) -> bool:
    """Sign out; an unknown or ended session is no trouble. Returns whether a provider had begun it."""
    async with service.database.transaction() as tx:
        session = await session_by_hash(tx, token_hash(opaque))
        if session is not None and session.ended_at is None:
            session.ended_at = tx.system_now
            tx.session.add(session)
        return session is not None and session.by_provider


async def living_session(tx: Tx, service: Service, opaque: str) -> tuple[Account, AccountSession]:
    """The session and its account, touched; refuses one that has ended in any way or is not finished."""
    account, session = await _known_session(tx, service, opaque)
    rules.require_finished(session.wants)
    session.used_at = tx.system_now
    tx.session.add(session)
    return account, session


async def unfinished_session(tx: Tx, service: Service, opaque: str, *steps: Step) -> tuple[Account, AccountSession]:
    """A sign-in that wants one of these steps, and its account; refuses one that took too long."""
    account, session = await _known_session(tx, service, opaque)
    if tx.system_now - session.opened_at > rules.UNFINISHED_LIFE:
        raise NotSignedIn("登录用时过长，请重新登录。")
    rules.require_step(session.wants, *steps)
    return account, session


async def wanted_step(service: Service, opaque: str) -> Step | None:
    """What this sign-in wants next; None when it is a session."""
    async with service.database.transaction() as tx:
        _, session = await _known_session(tx, service, opaque)
        return Step(session.wants) if session.wants else None


async def end_own_session(tx: Tx, session_id: UUID) -> None:
    """End one of the actor's sessions, such as that of a lost phone; one that has ended is no trouble."""
    session = await tx.session.get(AccountSession, session_id, with_for_update=True)
    if session is None or session.account_id != tx.actor.account_id:
        raise NotFound("没有这个登录。")
    if session.ended_at is None:
        session.ended_at = tx.system_now
        tx.session.add(session)
        await tx.audit("session.ended", session=session_id)


async def own_sessions(tx: Tx) -> Sequence[AccountSession]:
    """The actor's open sessions."""
    if tx.actor.account_id is None:
        return []
    return [one for one in await open_sessions(tx, tx.actor.account_id) if one.wants is None]


async def signed_token(tx: Tx, service: Service, account: Account, session: AccountSession) -> str:
    """A five-minute token of this session."""
    actor = await actor_now(tx, account)
    return _sign(service, replace(actor, session=session.session_id, auth_time=session.auth_time))


async def actor_now(tx: Tx, account: Account) -> Actor:
    """Who an account is now: its roles, and for whom it acts, those included whose work was handed over."""
    acts_for = {UUID(one) for one in account.acts_for}
    for absent in await handed_to(tx, account.account_id):
        acts_for |= {absent.account_id, *(UUID(one) for one in absent.acts_for)}
    return Actor(account_id=account.account_id, roles=frozenset(account.roles), acts_for=frozenset(acts_for))


def _sign(service: Service, actor: Actor) -> str:
    if service.signer is None:
        raise RuntimeError("office signs tokens: set FANGBANG_TOKEN_PRIVATE_KEY")
    return service.signer.token(actor)


async def _known_session(tx: Tx, service: Service, opaque: str) -> tuple[Account, AccountSession]:
    session = await session_by_hash(tx, token_hash(opaque))
    if session is None:
        raise NotSignedIn
    account = await account_row(tx, session.account_id)
    rules.require_alive(
        profile_of(service), session.opened_at, session.used_at, session.ended_at, account.revoked_at, tx.system_now
    )
    return account, session
