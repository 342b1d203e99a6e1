"""Tickets, hand-overs and registrations as far as somebody may see them."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from services.office.accounts import store
from services.office.accounts.cookies import link_url
from services.office.accounts.domain.handovers import HANDED_OVER
from services.office.accounts.domain.sessions import DeadLink
from services.office.accounts.domain.tickets import TICKET_LIFE
from services.office.accounts.links import INVITATION
from services.office.accounts.tables import Account, Handover, TicketRequest
from shared.infra.database import Actor, Tx
from shared.infra.service import Service
from shared.kernel.refusals import NotFound
from shared.web.rights import Role, may

PAST_SHOWN = 20


class OwnRegistration(BaseModel):
    """A registration as its contact sees it by the link: how it stands, and where to set up the account."""

    registration_id: UUID
    name: str
    credit_code: str
    state: str
    reason: str | None
    url: str = ""
    set_up: str | None = None


def _sees(actor: Actor, ticket: TicketRequest) -> bool:
    return may(actor, ticket.act) or actor.account_id in (ticket.asked_by, ticket.answered_by)


async def waiting_tickets(tx: Tx) -> Sequence[TicketRequest]:
    """What waits for a second person, as far as the actor may know of it."""
    return [ticket for ticket in await store.tickets_to_answer(tx) if _sees(tx.actor, ticket)]


async def own_past_tickets(tx: Tx) -> Sequence[TicketRequest]:
    """What the actor asked for or answered, and how it ended."""
    if tx.actor.account_id is None:
        return []
    return await store.past_tickets(tx, tx.actor.account_id, tx.system_now - TICKET_LIFE, PAST_SHOWN)


async def tickets_for_me(tx: Tx) -> int:
    """How many tickets the actor could answer now."""
    waiting = await store.tickets_to_answer(tx)
    return sum(may(tx.actor, ticket.act) and ticket.asked_by != tx.actor.account_id for ticket in waiting)


async def waiting_ticket(tx: Tx, act: str, digest: str) -> TicketRequest | None:
    """The ticket for this act on this digest that waits for its second person, whoever asked for it."""
    return next((one for one in await waiting_tickets(tx) if (one.act, one.digest) == (act, digest)), None)


async def own_ticket(tx: Tx, ticket_id: UUID) -> TicketRequest:
    """A ticket the actor may know of; any other is not there."""
    ticket = await store.ticket_row(tx, ticket_id)
    if not _sees(tx.actor, ticket):
        raise NotFound("没有这张复核单。")
    return ticket


async def handovers_to_see(tx: Tx) -> Sequence[Handover]:
    """Hand-overs from or to the actor; all of them for the security administrator."""
    own = tx.actor.account_id
    everything = Role.SECURITY in tx.actor.roles
    return [one for one in await store.open_handovers(tx) if everything or own in (one.from_account, one.to_account)]


async def deputies(tx: Tx) -> Sequence[Account]:
    """To whom the actor may hand work over: others of the same role; for the security administrator all."""
    handable = HANDED_OVER if Role.SECURITY in tx.actor.roles else HANDED_OVER & tx.actor.roles
    return [
        account
        for account in await store.all_accounts(tx)
        if account.revoked_at is None and account.account_id != tx.actor.account_id and handable & set(account.roles)
    ]


async def own_registration(tx: Tx, service: Service, registration_id: UUID | None) -> OwnRegistration:
    """A registration for its contact; a link that leads nowhere is refused as a dead one."""
    if registration_id is None:
        raise DeadLink
    row = await store.registration_row(tx, registration_id)
    found = OwnRegistration.model_validate(row, from_attributes=True)
    if row.invitation_id is not None:
        found.set_up = link_url(service, INVITATION, row.invitation_id)
    return found
