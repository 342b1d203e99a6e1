"""What may be done with accounts and tickets: create, revoke, ask, confirm, decline."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from services.office.accounts import second_factors
from services.office.accounts.domain import sessions, tickets
from services.office.accounts.domain.passwords import Profile, check_password, taken_before
from services.office.accounts.domain.people import check_login, check_roles
from services.office.accounts.passwords import fits_any, hash_password
from services.office.accounts.store import (
    account_by_login,
    account_row,
    drop_recoveries,
    earlier_hashes,
    failures_of,
    open_sessions,
    recovery_row,
    ticket_row,
)
from services.office.accounts.tables import Account, EarlierPassword, Recovery, TicketRequest
from shared.contracts.facts import AccountRevoked
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tickets import Ticket, note_revoked, require_fresh
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Conflict, Refusal
from shared.web.rights import EXCLUSIVE, POLICY, Role, require


async def create_account(
    tx: Tx,
    login: str,
    password_hash: str,
    display_name: str,
    roles: Collection[str],
    acts_for: Collection[UUID] = (),
) -> Account:
    """Create an account; an expert acts for the expert of the same login. Refuses a login that is taken."""
    normal = check_login(login)
    check_roles(roles, EXCLUSIVE)
    if await account_by_login(tx, normal) is not None:
        raise Conflict("login_taken", "这个账号名已有人使用。", field="login")
    acts = {*acts_for, *([derived_id("expert", normal)] if Role.EXPERT in roles else [])}
    account = Account(
        account_id=derived_id("account", normal),
        login=normal,
        password_hash=password_hash,
        display_name=display_name,
        roles=sorted(set(roles)),
        acts_for=sorted(str(one) for one in acts),
        created_at=tx.system_now,
        password_set_at=tx.system_now,
    )
    tx.session.add(account)
    await tx.audit("account.created", account=account.account_id, roles=account.roles, acts_for=account.acts_for)
    return account


async def revoke_account(tx: Tx, account_id: UUID, reason: str) -> Account:
    """End an account for good: its sessions end here, its tokens everywhere as soon as the fact arrives."""
    if account_id == tx.actor.account_id:
        raise Refusal("own_account", "不能停用自己的账号，请由另一位安全管理员办理。")
    account = await account_row(tx, account_id)
    if account.revoked_at is not None:
        return account
    account.revoked_at = tx.system_now
    tx.session.add(account)
    await end_sessions(tx, account_id)
    await note_revoked(tx, account_id)
    await tx.audit("account.revoked", account=account_id, reason=reason)
    await tx.emit(AccountRevoked(account_id=account_id))
    return account


async def end_sessions(tx: Tx, account_id: UUID, *, but: UUID | None = None) -> None:
    """End every session of an account, but one."""
    for session in await open_sessions(tx, account_id):
        if session.session_id != but:
            session.ended_at = tx.system_now
            tx.session.add(session)


async def change_password(tx: Tx, profile: Profile, account: Account, password: str) -> None:
    """Give an account another password, as the profile asks; its other sessions end."""
    check_password(profile, password, (account.login, account.display_name))
    before = [account.password_hash, *await earlier_hashes(tx, account.account_id, profile.history - 1)]
    if await fits_any(password, before):
        raise taken_before()
    if account.password_hash:
        tx.session.add(
            EarlierPassword(
                account_id=account.account_id, replaced_at=tx.system_now, password_hash=account.password_hash
            )
        )
    account.password_hash, account.password_set_at = await hash_password(password), tx.system_now
    tx.session.add(account)
    await end_sessions(tx, account.account_id, but=tx.actor.session)
    await tx.audit("password.changed", account=account.account_id)


async def change_own_password(tx: Tx, profile: Profile, password: str) -> None:
    """Change one's own password, freshly authenticated."""
    require_fresh(tx)
    await change_password(tx, profile, await account_row(tx, _person(tx)), password)


async def recover_account(tx: Tx, account_id: UUID, reason: str) -> Recovery:
    """Let somebody who lost password or phone begin anew: neither holds any more, a one-use link sets a password.

    The security administrator hands the link over after seeing who asks; the next sign-in enrols a new second factor.
    """
    require_fresh(tx)
    if account_id == tx.actor.account_id:
        raise Refusal("own_account", "不能为自己办理账号恢复，请由另一位安全管理员办理。")
    account = await account_row(tx, account_id)
    if account.revoked_at is not None:
        raise Conflict("account_revoked", "该账号已停用。")
    account.password_hash = ""
    tx.session.add(account)
    await second_factors.forget(tx, account)
    await end_sessions(tx, account_id)
    await drop_recoveries(tx, account_id)
    recovery = Recovery(recovery_id=new_id(), account_id=account_id, made_by=_person(tx), made_at=tx.system_now)
    tx.session.add(recovery)
    await tx.audit("account.recovery_opened", account=account_id, reason=reason)
    return recovery


async def use_recovery(tx: Tx, profile: Profile, recovery_id: UUID | None, password: str) -> Account:
    """Set a new password by a recovery link, once."""
    recovery = await recovery_row(tx, recovery_id)
    sessions.require_link(recovery.made_at, recovery.used_at, tx.system_now, sessions.RECOVERY_LIFE)
    account = await account_row(tx, recovery.account_id)
    if account.revoked_at is not None:
        raise sessions.DeadLink
    acting_as(tx, account)
    await change_password(tx, profile, account, password)
    recovery.used_at = tx.system_now
    tx.session.add(recovery)
    failures = await failures_of(tx, account.login)
    if failures is not None:
        await tx.session.delete(failures)
    await tx.audit("account.recovered", account=account.account_id)
    return account


async def ask_ticket(tx: Tx, act: str, digest: str, subject: str) -> TicketRequest:
    """Ask for a second person's agreement to ``act`` on ``digest``; ``subject`` tells that person what it is about."""
    if act not in POLICY:
        raise Refusal("unknown_act", "没有这种需要复核的事项。", field="act")
    require(tx.actor, act)
    ticket = TicketRequest(
        ticket_id=new_id(),
        act=act,
        digest=digest,
        subject=subject,
        state="waiting",
        asked_by=_person(tx),
        asked_at=tx.system_now,
    )
    tx.session.add(ticket)
    await tx.audit("ticket.asked", ticket=ticket.ticket_id, act=act, digest=digest, subject=subject)
    return ticket


async def confirm_ticket(tx: Tx, ticket_id: UUID) -> Ticket:
    """Agree as the second person: another one, allowed the act too, freshly authenticated."""
    require_fresh(tx)
    ticket = await ticket_row(tx, ticket_id)
    require(tx.actor, ticket.act)
    tickets.require_waiting(ticket.state, ticket.asked_at, tx.system_now)
    asker = await account_row(tx, ticket.asked_by)
    tickets.require_second_person(ticket.act, ticket.asked_by, asker.roles, tx.actor.account_id, tx.actor.roles)
    _answer(tx, ticket, "confirmed")
    await tx.audit("ticket.confirmed", ticket=ticket_id, act=ticket.act, digest=ticket.digest)
    return signed_content(ticket)


async def decline_ticket(tx: Tx, ticket_id: UUID, reason: str) -> TicketRequest:
    """Refuse to agree, with a reason; the asker may withdraw it the same way."""
    ticket = await ticket_row(tx, ticket_id)
    require(tx.actor, ticket.act)
    tickets.require_waiting(ticket.state, ticket.asked_at, tx.system_now)
    _answer(tx, ticket, "declined")
    ticket.reason = reason
    await tx.audit("ticket.declined", ticket=ticket_id, act=ticket.act, reason=reason)
    return ticket


def signed_content(ticket: TicketRequest) -> Ticket:
    """What is signed for a confirmed ticket."""
    if ticket.state != "confirmed" or ticket.answered_by is None:
        raise Conflict("ticket_not_confirmed", "这张复核单还没有第二人确认。")
    return Ticket(
        ticket_id=ticket.ticket_id,
        act=ticket.act,
        digest=ticket.digest,
        asked_by=ticket.asked_by,
        confirmed_by=ticket.answered_by,
    )


def _answer(tx: Tx, ticket: TicketRequest, state: str) -> None:
    ticket.state, ticket.answered_by, ticket.answered_at = state, _person(tx), tx.system_now
    tx.session.add(ticket)


def _person(tx: Tx) -> UUID:
    if tx.actor.account_id is None:
        raise ValueError("a ticket is a person's act")
    return tx.actor.account_id


def acting_as(tx: Tx, account: Account) -> None:
    """From here on the transaction's actor is the account that has just proved itself."""
    tx.actor = replace(tx.actor, account_id=account.account_id, roles=frozenset(account.roles))
