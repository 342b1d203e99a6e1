"""Proving who one is: password, one-time code, enrolment, a stale password replaced, proving it all again.

These are edges of their own, not actions of a signed-in person: a wrong password or code must be counted although the
answer is a refusal, so what is counted is committed before the refusal rises.
"""

from datetime import datetime
from uuid import UUID

from services.office.accounts import second_factors
from services.office.accounts.actions.people import change_password
from services.office.accounts.actions.who import acting_as
from services.office.accounts.domain import sessions as rules
from services.office.accounts.domain.passwords import is_stale
from services.office.accounts.domain.people import normal_login
from services.office.accounts.domain.sessions import Step
from services.office.accounts.passwords import fits
from services.office.accounts.second_factors import Offered
from services.office.accounts.sessions import (
    SignedIn,
    begin_session,
    finish_session,
    forget_failures,
    living_session,
    profile_of,
    signed_token,
    token_hash,
    unfinished_session,
)
from services.office.accounts.store import account_by_login, account_row, failures_of, prune_failures
from services.office.accounts.tables import Account, SignInFailure, SignInLink
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.kernel.refusals import NotSignedIn
from shared.web.rights import needs_second_factor


async def sign_in(service: Service, login: str, password: str, code: str | None = None) -> SignedIn:
    """Begin a sign-in with a password, and finish it when ``code`` or nothing is wanted.

    Five wrong passwords or codes in a row lock the login for 15 minutes.
    """
    account = await _check_password(service, normal_login(login), password)
    async with service.database.transaction() as tx:
        account = await _still_so(tx, account)
        wants = rules.first_step(
            enrolled=await second_factors.is_enrolled(tx, account),
            factor_needed=needs_second_factor(account.roles),
            password_stale=_is_stale(tx, service, account),
        )
        begun = await begin_session(tx, service, account, wants)
    if begun.wants is Step.CODE and code:
        return await give_code(service, begun.session, code)
    return begun


async def _still_so(tx: Tx, proved: Account) -> Account:
    """The account whose password was right a moment ago, held until the session is written: who ends its sessions,
    because it was recovered, has other roles or another password, ends this one too or comes before it."""
    account = await account_row(tx, proved.account_id, update=True)
    if account.password_hash != proved.password_hash or account.revoked_at is not None:
        raise rules.WrongPassword
    return account


async def sign_in_by_link(service: Service, link: str) -> SignedIn:
    """Rehearsal only: open a session with a one-time link."""
    async with service.database.transaction() as tx:
        row = await tx.session.get(SignInLink, token_hash(link), with_for_update=True)
        if row is None or row.used_at is not None or tx.system_now - row.made_at > rules.LINK_LIFE:
            raise NotSignedIn("这个登录链接无效或已经用过。")
        row.used_at = tx.system_now
        tx.session.add(row)
        return await begin_session(tx, service, await account_row(tx, row.account_id), None)


async def offered_factor(service: Service, opaque: str) -> Offered:
    """The secret to enrol, for a sign-in that wants it; the same one until its first code is given."""
    async with service.database.transaction() as tx:
        account, _ = await unfinished_session(tx, service, opaque, Step.ENROLMENT)
        return await second_factors.offer(tx, service, account)


async def give_code(service: Service, opaque: str, code: str) -> SignedIn:
    """Give the one-time code that a sign-in wants, or the first one of an enrolment."""
    async with service.database.transaction() as tx:
        account, session = await unfinished_session(tx, service, opaque, Step.CODE, Step.ENROLMENT)
        await _require_unlocked(tx, account.login)
        if await second_factors.accepts(tx, service, account, code):
            session.wants = rules.last_step(password_stale=_is_stale(tx, service, account))
            tx.session.add(session)
            if session.wants is None:
                return await finish_session(tx, service, account, session)
            return SignedIn(account.account_id, opaque, wants=Step(session.wants))
        locked_until, now = await _count_failure(tx, account.login, account.account_id), tx.system_now
    rules.require_unlocked(locked_until, now)
    raise rules.WrongCode


async def give_password(service: Service, opaque: str, password: str) -> SignedIn:
    """Replace the stale password that a sign-in wants replaced."""
    async with service.database.transaction() as tx:
        account, session = await unfinished_session(tx, service, opaque, Step.PASSWORD)
        acting_as(tx, account)
        await change_password(tx, profile_of(service), account, password)
        return await finish_session(tx, service, account, session)


async def prove_again(service: Service, opaque: str, password: str, code: str | None = None) -> str:
    """Check the password again, and a code where there is a second factor; the token carries the new time."""
    async with service.database.transaction() as tx:
        account, _ = await living_session(tx, service, opaque)
    await _check_password(service, account.login, password)
    async with service.database.transaction() as tx:
        account, session = await living_session(tx, service, opaque)
        if await second_factors.accepts_if_enrolled(tx, service, account, code):
            session.auth_time = tx.system_now
            await forget_failures(tx, account.login)
            acting_as(tx, account)
            await tx.audit("session.proved_again", session=session.session_id)
            return await signed_token(tx, service, account, session)
        locked_until, now = await _count_failure(tx, account.login, account.account_id), tx.system_now
    rules.require_unlocked(locked_until, now)
    raise rules.WrongCode


async def make_link(tx: Tx, account_id: UUID, opaque: str) -> None:
    """Rehearsal only: keep a one-time link for an account."""
    tx.session.add(SignInLink(token_hash=token_hash(opaque), account_id=account_id, made_at=tx.system_now))
    await tx.audit("sign_in_link.made", account=account_id)


def _is_stale(tx: Tx, service: Service, account: Account) -> bool:
    return is_stale(profile_of(service), account.password_set_at, tx.system_now)


async def _check_password(service: Service, login: str, password: str) -> Account:
    async with service.database.transaction() as tx:
        account = await account_by_login(tx, login)
        await _require_unlocked(tx, login)
    usable = account is not None and account.revoked_at is None
    right = await fits(password, account.password_hash if account and usable else None)
    async with service.database.transaction() as tx:
        if account is not None and right:
            await _require_unlocked(tx, login)
            return account
        locked_until = await _count_failure(tx, login, account.account_id if account else None)
        now = tx.system_now
    rules.require_unlocked(locked_until, now)
    raise rules.WrongPassword


async def _require_unlocked(tx: Tx, login: str) -> None:
    """Refuse a locked login; many tries at once wait for each other here."""
    await tx.lock("sign-in", login)
    failures = await failures_of(tx, login)
    rules.require_unlocked(failures.locked_until if failures else None, tx.system_now)


async def _count_failure(tx: Tx, login: str, account_id: UUID | None) -> datetime | None:
    """Count a wrong password or code, lock after too many in a row, and forget what is long past.

    Only a finished sign-in forgets the failures: a right password alone would give whoever knows it codes to guess
    without end.
    """
    await tx.lock("sign-in", login)
    await prune_failures(tx, tx.system_now - rules.FORGET_FAILURES_AFTER)
    row = await failures_of(tx, login) or SignInFailure(login=login, failures=0, last_at=tx.system_now)
    if row.locked_until is not None and row.locked_until <= tx.system_now:
        row.failures, row.locked_until = 0, None
    row.failures, row.last_at = row.failures + 1, tx.system_now
    row.locked_until = rules.locks_after(row.failures, tx.system_now)
    tx.session.add(row)
    if row.locked_until is not None:
        await tx.audit("account.locked", account=account_id)
    return row.locked_until
