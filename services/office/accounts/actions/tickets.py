"""Two persons' agreement: asked for, confirmed or declined by the second."""

from uuid import UUID

from services.office.accounts.actions.who import person_of
from services.office.accounts.domain import tickets
from services.office.accounts.store import account_row, ticket_row
from services.office.accounts.tables import TicketRequest
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tickets import Ticket, require_fresh
from shared.kernel.refusals import Conflict, Refusal
from shared.web.rights import POLICY, require


async def ask_ticket(tx: Tx, act: str, digest: str, subject: str, way_on: str | None = None) -> TicketRequest:
    """Ask for a second person's agreement to ``act`` on ``digest``; ``subject`` tells that person what it is about.

    ``way_on``: the page of ours on which the asker goes on once it is confirmed.
    """
    if act not in POLICY:
        raise Refusal("unknown_act", "没有这种需要复核的事项。", field="act")
    require(tx.actor, act)
    ticket = TicketRequest(
        ticket_id=new_id(),
        act=act,
        digest=digest,
        subject=subject,
        state="waiting",
        asked_by=person_of(tx),
        asked_at=tx.system_now,
        way_on=way_on,
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


def require_in_time(tx: Tx, ticket: TicketRequest) -> None:
    """Refuse a ticket whose time is over."""
    if tx.system_now - ticket.asked_at > tickets.TICKET_LIFE:
        raise Conflict("ticket_expired", "这张复核单已过期，请重新申请。")


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
    ticket.state, ticket.answered_by, ticket.answered_at = state, person_of(tx), tx.system_now
    tx.session.add(ticket)
