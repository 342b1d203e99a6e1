"""Tickets as far as somebody may see them: those of acts they may do themselves, and those they asked or answered."""

from collections.abc import Sequence
from uuid import UUID

from services.office.accounts import store
from services.office.accounts.tables import TicketRequest
from shared.infra.database import Actor, Tx
from shared.kernel.refusals import NotFound
from shared.web.rights import may


def _sees(actor: Actor, ticket: TicketRequest) -> bool:
    return may(actor, ticket.act) or actor.account_id in (ticket.asked_by, ticket.answered_by)


async def waiting_tickets(tx: Tx) -> Sequence[TicketRequest]:
    """What waits for a second person, as far as the actor may know of it."""
    return [ticket for ticket in await store.tickets_to_answer(tx) if _sees(tx.actor, ticket)]


async def tickets_for_me(tx: Tx) -> int:
    """How many tickets the actor could answer now."""
    waiting = await store.tickets_to_answer(tx)
    return sum(may(tx.actor, ticket.act) and ticket.asked_by != tx.actor.account_id for ticket in waiting)


async def own_ticket(tx: Tx, ticket_id: UUID) -> TicketRequest:
    """A ticket the actor may know of; any other is not there."""
    ticket = await store.ticket_row(tx, ticket_id)
    if not _sees(tx.actor, ticket):
        raise NotFound("没有这张复核单。")
    return ticket
