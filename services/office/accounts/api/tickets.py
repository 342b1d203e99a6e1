"""Two persons' tickets as JSON."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.office.accounts import store
from services.office.accounts.actions import tickets as actions
from services.office.accounts.api.base import Body, Reason
from services.office.accounts.reads import own_ticket, waiting_tickets
from services.office.accounts.tables import TicketRequest
from services.office.accounts.tokens_of_tickets import sign
from shared.infra.database import Tx
from shared.web.act import Act, acting

router = APIRouter()


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


def ticket_answer(row: TicketRequest) -> TicketAnswer:
    """A ticket without its token."""
    return TicketAnswer.model_validate(row, from_attributes=True)


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
