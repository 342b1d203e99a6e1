"""Signing in at a provider: begun and finished by the same browser, once, for an account that was linked before.

As with passwords these are edges of their own. No account is ever made here, and no role is taken from the provider.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.office.accounts import second_factors
from services.office.accounts.domain import sessions as rules
from services.office.accounts.sessions import SignedIn, begin_session, token_hash
from services.office.accounts.store import account_row, identity_of, prune_attempts
from services.office.accounts.tables import IdentityAttempt, IdentityLink
from shared.infra.database import Tx
from shared.infra.oidc import NotProved, Proof, Provider, provider_of
from shared.infra.service import Service
from shared.infra.tickets import require_fresh
from shared.kernel.refusals import Conflict, NotAllowed, NotFound
from shared.web.rights import needs_second_factor

ATTEMPT_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Finished:
    """How it ended: a sign-in, or the link of the account that was signed in before; and where to go on."""

    target: str
    signed_in: SignedIn | None = None


def require_provider(service: Service) -> Provider:
    """The provider of the settings; without one there is no such way in."""
    provider = provider_of(service.settings)
    if provider is None:
        raise NotFound("没有启用统一身份认证。")
    return provider


async def begin(service: Service, target: str) -> tuple[str, str]:
    """Begin a sign-in; returns where the browser goes, and the state that it must bring back."""
    return await _begin(service, target, None)


async def begin_link(tx: Tx, service: Service) -> UUID:
    """Whoever is signed in, freshly, may link their own account; staff alone."""
    require_fresh(tx)
    require_provider(service)
    if tx.actor.account_id is None or not needs_second_factor(tx.actor.roles):
        raise NotAllowed("统一身份认证只供工作人员使用。")
    return tx.actor.account_id


async def begin_linking(service: Service, account_id: UUID) -> tuple[str, str]:
    """Begin to link an account."""
    return await _begin(service, "/account", account_id)


async def _begin(service: Service, target: str, account_id: UUID | None) -> tuple[str, str]:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    way = await require_provider(service).way_to(state, nonce, verifier)
    async with service.database.transaction() as tx:
        await prune_attempts(tx, tx.system_now - ATTEMPT_LIFE)
        tx.session.add(
            IdentityAttempt(
                state_hash=token_hash(state),
                nonce=nonce,
                verifier=verifier,
                target=target,
                account_id=account_id,
                made_at=tx.system_now,
            )
        )
    return way, state


async def finish(service: Service, state: str, brought: str, code: str) -> Finished:
    """Finish what this browser began: ``brought`` is the state of its cookie. Works once."""
    provider = require_provider(service)
    if not hmac.compare_digest(state.encode(), brought.encode()):
        raise NotProved
    async with service.database.transaction() as tx:
        attempt = await tx.session.get(IdentityAttempt, token_hash(state), with_for_update=True)
        if attempt is None or attempt.used_at is not None or tx.system_now - attempt.made_at > ATTEMPT_LIFE:
            raise NotProved
        attempt.used_at = tx.system_now
        tx.session.add(attempt)
    proof = await provider.prove(code, attempt.nonce, attempt.verifier)
    if attempt.account_id is not None:
        await _link(service, attempt.account_id, proof)
        return Finished(attempt.target)
    return Finished(attempt.target, await _sign_in(service, proof))


async def _sign_in(service: Service, proof: Proof) -> SignedIn:
    async with service.database.transaction() as tx:
        link = await tx.session.get(IdentityLink, (proof.issuer, proof.subject))
        account = await account_row(tx, link.account_id, update=True) if link is not None else None
        if account is None or account.revoked_at is not None:
            raise NotAllowed("这个身份没有关联账号。请先用账号和密码登录，在“我的账号”中关联。", "identity_unknown")
        wants = None
        if not proof.second_factor:
            wants = rules.first_step(
                enrolled=await second_factors.is_enrolled(tx, account),
                factor_needed=needs_second_factor(account.roles),
                password_stale=False,
            )
        return await begin_session(tx, service, account, wants, by_provider=True)


async def _link(service: Service, account_id: UUID, proof: Proof) -> None:
    async with service.database.transaction() as tx:
        taken = await tx.session.get(IdentityLink, (proof.issuer, proof.subject))
        if taken is not None and taken.account_id != account_id:
            raise Conflict("identity_taken", "这个身份已经关联了另一个账号。")
        if taken is None:
            await drop_link(tx, account_id)
            tx.session.add(
                IdentityLink(issuer=proof.issuer, subject=proof.subject, account_id=account_id, linked_at=tx.system_now)
            )
            await tx.audit("identity.linked", account=account_id)


async def drop_link(tx: Tx, account_id: UUID) -> None:
    """Take the link of an account away, if there is one."""
    known = await identity_of(tx, account_id)
    if known is not None:
        await tx.session.delete(known)
        await tx.session.flush()
        await tx.audit("identity.unlinked", account=account_id)
