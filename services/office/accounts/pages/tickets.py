"""双人复核: asked for, waiting for a second person, confirmed or sent back, and the way on to the page of the act."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.office.accounts import store
from services.office.accounts.actions import tickets as actions
from services.office.accounts.domain.tickets import TICKET_LIFE
from services.office.accounts.pages.base import Required, see
from services.office.accounts.reads import own_past_tickets, own_ticket, waiting_ticket, waiting_tickets
from services.office.accounts.tables import TicketRequest
from services.office.accounts.tokens_of_tickets import carries, sign, with_token
from services.office.site import page_for, render
from shared.contracts.acts import MAY
from shared.infra.database import Tx
from shared.infra.tables import UsedTicket
from shared.kernel.refusals import NotFound
from shared.web.act import Act, acting, acting_form
from shared.web.formats import shanghai_datetime
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.rights import may, require

router = APIRouter()

BY_TWO = (
    "panel.void",
    "panel.unseal",
    "panel.renew_key",
    "panel.share_lost",
    "case.disqualify",
    "case.reinstate",
    "calendar.import",
    "target.lock",
    "evaluation.decide",
    "release.confirm",
    "stage.change",
)
"""The acts of two persons."""

_Act = Annotated[str, Field(pattern=f"^({'|'.join(map(re.escape, BY_TWO))})$")]
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Subject = Annotated[str, Field(min_length=1, max_length=300)]
_WayOn = Annotated[str, Field(pattern=r"^/[a-z]\w*(/[\w-]+)*(\?[\w.~%+=&-]*)?$", max_length=4000)]
_LABELS = ("事项", "内容", "申请人", "申请时间", "结果", "办理人", "理由", "办理")
_COLUMNS = tuple(Column(label=label) for label in _LABELS)


@router.get("/office/tickets")
async def tickets(request: Request, act: Act = acting("ticket.confirm")) -> Response:
    """双人复核: what waits for a second person."""
    return await act.read(lambda tx: _page(tx, request))


async def _page(tx: Tx, request: Request) -> Response:
    waiting = await waiting_tickets(tx)
    past = await own_past_tickets(tx)
    names = await store.display_names(tx, [one for ticket in (*waiting, *past) for one in _persons(ticket)])
    page = await page_for(
        tx,
        request,
        "双人复核",
        expected_of_me="核对事项与摘要，确认或退回" if waiting else None,
        next_step="确认后，申请人凭复核单办理；复核单只能使用一次" if waiting else None,
    )
    cards = [_card(tx, ticket, names) for ticket in waiting]
    rows = [_row(ticket, names, await _way_on(tx, ticket)) for ticket in past]
    return render(request, "office/tickets.html", page, cards=cards, columns=_COLUMNS, rows=rows)


@router.get("/office/tickets/new")
async def asking(
    request: Request,
    act_name: Annotated[_Act, Query(alias="act")],
    digest: Annotated[_Digest, Query()],
    subject: Annotated[_Subject, Query()],
    way_on: Annotated[_WayOn, Query()],
    act: Act = acting("ticket.ask"),
) -> Response:
    """What a page of another room wants agreed to by two persons; what was asked for already is shown as it waits."""

    async def read(tx: Tx) -> Response:
        require(tx.actor, act_name)
        waiting = await waiting_ticket(tx, act_name, digest)
        if waiting is not None:
            return see(f"/office/tickets#ticket-{waiting.ticket_id}")
        page = await page_for(tx, request, "申请双人复核", expected_of_me="核对事项后申请")
        context: dict[str, Any] = {"act": act_name, "digest": digest, "subject": subject, "way_on": way_on}
        return render(request, "office/ticket_new.html", page, word=MAY[act_name], **context)

    return await act.read(read)


@router.post("/office/tickets")
async def ask(
    act_name: Annotated[_Act, Form(alias="act")],
    digest: Annotated[_Digest, Form()],
    subject: Annotated[_Subject, Form()],
    way_on: Annotated[_WayOn, Form()],
    act: Act = acting_form("ticket.ask"),
) -> Response:
    """Ask for the second person."""

    async def do(tx: Tx) -> str:
        await actions.ask_ticket(tx, act_name, digest, subject, way_on)
        return "/office/tickets"

    return see(await act(do))


@router.get("/office/tickets/{ticket_id}/way-on")
async def way_on(ticket_id: UUID, request: Request, act: Act = acting("ticket.ask")) -> Response:
    """To the page of the act, with the ticket; for its two persons."""

    async def read(tx: Tx) -> Response:
        ticket = await own_ticket(tx, ticket_id)
        if ticket.way_on is None or tx.actor.account_id not in _persons(ticket):
            raise NotFound("没有这张复核单。")
        actions.require_in_time(tx, ticket)
        token = sign(request, ticket)
        return see(with_token(ticket.way_on, token) if carries(ticket.way_on) else ticket.way_on)

    return await act.read(read)


@router.post("/office/tickets/{ticket_id}/confirm")
async def confirm(ticket_id: UUID, act: Act = acting_form("ticket.confirm", page=_page)) -> Response:
    """Agree as the second person."""

    async def do(tx: Tx) -> str:
        await actions.confirm_ticket(tx, ticket_id)
        return "/office/tickets"

    return see(await act(do))


@router.post("/office/tickets/{ticket_id}/decline")
async def decline(ticket_id: UUID, reason: Required, act: Act = acting_form("ticket.confirm", page=_page)) -> Response:
    """Refuse to agree."""

    async def do(tx: Tx) -> str:
        await actions.decline_ticket(tx, ticket_id, reason)
        return "/office/tickets"

    return see(await act(do))


def _persons(ticket: TicketRequest) -> list[UUID]:
    return [one for one in (ticket.asked_by, ticket.answered_by) if one is not None]


async def _way_on(tx: Tx, ticket: TicketRequest) -> Link | str:
    """Where one goes on with a confirmed ticket that is in time and not used here: both, or where the page is office's
    own, who asked for it."""
    if ticket.way_on is None or ticket.state != "confirmed" or tx.system_now - ticket.asked_at > TICKET_LIFE:
        return "—"
    if await tx.session.get(UsedTicket, ticket.ticket_id) is not None:
        return "已办理"
    if carries(ticket.way_on):
        return Link(label="去办理", href=f"/office/tickets/{ticket.ticket_id}/way-on")
    return Link(label="去办理", href=ticket.way_on) if ticket.asked_by == tx.actor.account_id else "—"


def _row(ticket: TicketRequest, names: dict[UUID, str], way_on: Link | str) -> Row:
    answered = names[ticket.answered_by] if ticket.answered_by else "—"
    return Row(
        cells=(
            MAY.get(ticket.act, ticket.act),
            ticket.subject,
            names[ticket.asked_by],
            shanghai_datetime(ticket.asked_at),
            _state(ticket),
            answered,
            ticket.reason or "",
            way_on,
        )
    )


def _state(ticket: TicketRequest) -> Badge:
    if ticket.state == "confirmed":
        return Badge(text="已确认", tone=Tone.GOOD)
    if ticket.state == "waiting":
        return Badge(text="已过期", tone=Tone.NEUTRAL)
    return Badge(text="已撤回" if ticket.answered_by == ticket.asked_by else "已退回", tone=Tone.BAD)


def _card(tx: Tx, ticket: TicketRequest, names: dict[UUID, str]) -> dict[str, object]:
    return {
        "id": ticket.ticket_id,
        "act": MAY.get(ticket.act, ticket.act),
        "subject": ticket.subject,
        "digest": ticket.digest,
        "asked_by": names[ticket.asked_by],
        "own": ticket.asked_by == tx.actor.account_id,
        "mine": may(tx.actor, ticket.act),
    }
