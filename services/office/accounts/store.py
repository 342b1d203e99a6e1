"""Reads of accounts, sessions and tickets."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, or_, select

from services.office.accounts.domain.sessions import DeadLink
from services.office.accounts.domain.tickets import TICKET_LIFE
from services.office.accounts.tables import (
    Account,
    AccountSession,
    ApiToken,
    EarlierPassword,
    Handover,
    IdentityAttempt,
    IdentityLink,
    Invitation,
    Recovery,
    Registration,
    SecondFactor,
    SignInFailure,
    TicketRequest,
)
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound


async def account_by_login(tx: Tx, login: str) -> Account | None:
    """The account of a login in its normal form."""
    return (await tx.session.exec(select(Account).where(Account.login == login))).one_or_none()


async def account_row(tx: Tx, account_id: UUID, *, update: bool = False) -> Account:
    """The account of an id, locked for a change when asked."""
    lock = {"key_share": True} if update else None  # what merely names the account goes on
    account = await tx.session.get(Account, account_id, with_for_update=lock, populate_existing=update)
    if account is None:
        raise NotFound("没有这个账号。")
    return account


async def all_accounts(tx: Tx) -> Sequence[Account]:
    """All accounts by login."""
    return (await tx.session.exec(select(Account).order_by(Account.login))).all()


async def display_names(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names of accounts, for people to read."""
    rows = await tx.session.exec(
        select(Account.account_id, Account.display_name).where(col(Account.account_id).in_(ids))
    )
    return dict(rows.all())


async def session_by_hash(tx: Tx, token_hash: str) -> AccountSession | None:
    """The session whose token hashes so, locked."""
    query = select(AccountSession).where(AccountSession.token_hash == token_hash).with_for_update()
    return (await tx.session.exec(query)).one_or_none()


async def open_sessions(tx: Tx, account_id: UUID) -> Sequence[AccountSession]:
    """Sessions of an account that were not ended."""
    query = select(AccountSession).where(
        AccountSession.account_id == account_id, col(AccountSession.ended_at).is_(None)
    )
    return (await tx.session.exec(query)).all()


async def factor_of(tx: Tx, account_id: UUID) -> SecondFactor | None:
    """The second factor of an account, locked: a code is accepted once."""
    query = select(SecondFactor).where(SecondFactor.account_id == account_id).with_for_update()
    return (await tx.session.exec(query)).one_or_none()


async def enrolled_accounts(tx: Tx) -> set[UUID]:
    """Accounts that have a second factor."""
    query = select(SecondFactor.account_id).where(col(SecondFactor.enrolled_at).is_not(None))
    return set((await tx.session.exec(query)).all())


async def earlier_hashes(tx: Tx, account_id: UUID, most: int) -> Sequence[str]:
    """The hashes of the last passwords that an account had before its own."""
    query = select(EarlierPassword.password_hash).where(EarlierPassword.account_id == account_id)
    return (await tx.session.exec(query.order_by(col(EarlierPassword.replaced_at).desc()).limit(most))).all()


async def failures_of(tx: Tx, login: str) -> SignInFailure | None:
    """Wrong passwords and codes in a row of a login, locked."""
    query = select(SignInFailure).where(SignInFailure.login == login).with_for_update()
    return (await tx.session.exec(query)).one_or_none()


async def prune_failures(tx: Tx, before: datetime) -> None:
    """Forget failures that nobody has repeated since; nothing else ever removes those of unknown logins."""
    await tx.session.execute(delete(SignInFailure).where(col(SignInFailure.last_at) < before))


async def recovering_account(tx: Tx, recovery_id: UUID | None) -> UUID:
    """Whose recovery it is: accounts are locked before what belongs to them; refuses a dead link."""
    query = select(Recovery.account_id).where(Recovery.recovery_id == recovery_id)
    account_id = (await tx.session.exec(query)).one_or_none()
    if account_id is None:
        raise DeadLink
    return account_id


async def recovery_row(tx: Tx, recovery_id: UUID | None) -> Recovery:
    """A recovery, locked; refuses one that does not exist as a dead link."""
    query = select(Recovery).where(Recovery.recovery_id == recovery_id).with_for_update()
    recovery = (await tx.session.exec(query)).one_or_none()
    if recovery is None:
        raise DeadLink
    return recovery


async def drop_recoveries(tx: Tx, account_id: UUID) -> None:
    """Take back the links of an account that were not used."""
    unused = delete(Recovery).where(col(Recovery.account_id) == account_id, col(Recovery.used_at).is_(None))
    await tx.session.execute(unused)


async def api_token_by_hash(tx: Tx, token_hash: str) -> ApiToken | None:
    """The API token that hashes so, locked."""
    query = select(ApiToken).where(ApiToken.token_hash == token_hash).with_for_update()
    return (await tx.session.exec(query)).one_or_none()


async def api_tokens(tx: Tx, account_id: UUID) -> Sequence[ApiToken]:
    """API tokens of an account that were not taken back, newest first."""
    query = select(ApiToken).where(ApiToken.account_id == account_id, col(ApiToken.revoked_at).is_(None))
    return (await tx.session.exec(query.order_by(col(ApiToken.made_at).desc()))).all()


async def invitation_row(tx: Tx, invitation_id: UUID | None) -> Invitation:
    """An invitation that may still be used, locked; any other is a dead link."""
    query = select(Invitation).where(Invitation.invitation_id == invitation_id).with_for_update()
    found = (await tx.session.exec(query)).one_or_none()
    if found is None or found.used_at or found.withdrawn_at or found.expires_at <= tx.system_now:
        raise DeadLink
    return found


async def open_invitations(tx: Tx) -> Sequence[Invitation]:
    """Invitations that may still be used, newest first."""
    query = select(Invitation).where(
        col(Invitation.used_at).is_(None),
        col(Invitation.withdrawn_at).is_(None),
        Invitation.expires_at > tx.system_now,
    )
    return (await tx.session.exec(query.order_by(col(Invitation.made_at).desc()))).all()


async def registration_row(tx: Tx, registration_id: UUID | None) -> Registration:
    """A registration, locked."""
    query = select(Registration).where(Registration.registration_id == registration_id).with_for_update()
    found = (await tx.session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("没有这份注册申请。")
    return found


async def waiting_registrations(tx: Tx, credit_code: str | None = None) -> Sequence[Registration]:
    """Registrations that wait for the office, oldest first; all, or those of a code."""
    query = select(Registration).where(Registration.state == "waiting")
    if credit_code is not None:
        query = query.where(Registration.credit_code == credit_code)
    return (await tx.session.exec(query.order_by(col(Registration.asked_at)))).all()


async def enterprise_names(tx: Tx) -> dict[str, str]:
    """Names of confirmed enterprises by credit code, as they last registered."""
    query = select(Registration.credit_code, Registration.name).where(Registration.state == "confirmed")
    return dict((await tx.session.exec(query.order_by(col(Registration.decided_at)))).all())


async def people_of(tx: Tx, acts_for: UUID) -> Sequence[Account]:
    """Accounts that act for this enterprise or department and were not ended, by login."""
    query = select(Account).where(col(Account.acts_for).contains([str(acts_for)]), col(Account.revoked_at).is_(None))
    return (await tx.session.exec(query.order_by(Account.login))).all()


async def handover_row(tx: Tx, handover_id: UUID) -> Handover:
    """A hand-over, locked."""
    query = select(Handover).where(Handover.handover_id == handover_id).with_for_update()
    found = (await tx.session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("没有这项交接。")
    return found


async def open_handovers(tx: Tx) -> Sequence[Handover]:
    """Hand-overs that have not ended, by beginning."""
    query = select(Handover).where(col(Handover.ended_at).is_(None), Handover.ends_at > tx.system_now)
    return (await tx.session.exec(query.order_by(col(Handover.starts_at)))).all()


async def handed_to(tx: Tx, account_id: UUID) -> Sequence[Account]:
    """Whose work this account does now."""
    query = (
        select(Account)
        .join(Handover, col(Handover.from_account) == Account.account_id)
        .where(
            Handover.to_account == account_id,
            Handover.starts_at <= tx.system_now,
            Handover.ends_at > tx.system_now,
            col(Handover.ended_at).is_(None),
        )
    )
    return (await tx.session.exec(query)).all()


async def identity_of(tx: Tx, account_id: UUID) -> IdentityLink | None:
    """The link of an account to a provider."""
    return (await tx.session.exec(select(IdentityLink).where(IdentityLink.account_id == account_id))).first()


async def prune_attempts(tx: Tx, before: datetime) -> None:
    """Forget ways to the provider that are over."""
    await tx.session.execute(delete(IdentityAttempt).where(col(IdentityAttempt.made_at) < before))


async def ticket_row(tx: Tx, ticket_id: UUID) -> TicketRequest:
    """A ticket, locked."""
    query = select(TicketRequest).where(TicketRequest.ticket_id == ticket_id).with_for_update()
    ticket = (await tx.session.exec(query)).one_or_none()
    if ticket is None:
        raise NotFound("没有这张复核单。")
    return ticket


async def waiting_tickets(tx: Tx, since: datetime) -> Sequence[TicketRequest]:
    """Tickets that wait for a second person and were asked after ``since``, oldest first."""
    query = select(TicketRequest).where(TicketRequest.state == "waiting", TicketRequest.asked_at > since)
    return (await tx.session.exec(query.order_by(col(TicketRequest.asked_at)))).all()


async def tickets_to_answer(tx: Tx) -> Sequence[TicketRequest]:
    """Tickets still in time that wait for a second person."""
    return await waiting_tickets(tx, tx.system_now - TICKET_LIFE)


async def past_tickets(tx: Tx, account_id: UUID, before: datetime, most: int) -> Sequence[TicketRequest]:
    """Tickets that this account asked for or answered and that wait no more, newest first."""
    query = select(TicketRequest).where(
        or_(TicketRequest.asked_by == account_id, TicketRequest.answered_by == account_id),
        or_(TicketRequest.state != "waiting", TicketRequest.asked_at <= before),
    )
    return (await tx.session.exec(query.order_by(col(TicketRequest.asked_at).desc()).limit(most))).all()


async def confirmed_ticket(tx: Tx, act: str, digest: str) -> TicketRequest | None:
    """The actor's own confirmed ticket for this act on this digest, still in time; whether it was used is not known."""
    query = select(TicketRequest).where(
        TicketRequest.act == act,
        TicketRequest.digest == digest,
        TicketRequest.state == "confirmed",
        TicketRequest.asked_by == tx.actor.account_id,
        TicketRequest.asked_at > tx.system_now - TICKET_LIFE,
    )
    return (await tx.session.exec(query.order_by(col(TicketRequest.asked_at).desc()).limit(1))).first()
