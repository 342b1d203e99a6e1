"""The order of events: order sheets and ties."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.review.actions import ordering
from services.review.api.base import Body, Done, ExactRoute, Reason, and_done, answer_as, attestor_of
from services.review.reads import order as views
from shared.web.act import Act, acting

router = APIRouter(route_class=ExactRoute)


class OrderBody(Body):
    """All events, best first."""

    order: list[UUID] = Field(max_length=1000)


class OrderReceipt(BaseModel):
    """The receipt of a signed order sheet."""

    stage_id: UUID
    sheet_digest: str
    signed_at: datetime
    attestation: dict[str, str]
    checkpoint: str | None


class TiesBody(Body):
    """The tied events, best first, and why."""

    ordered: list[UUID] = Field(max_length=1000)
    reason: Reason


@router.get("/stages/{stage_id}/order")
async def order_task(stage_id: UUID, act: Act = acting("event.order")) -> views.OrderTask:
    """The events I put in order."""
    return await act.read(lambda tx: views.order_task(tx, stage_id))


@router.post("/stages/{stage_id}/order")
async def hand_in(stage_id: UUID, body: OrderBody, request: Request, act: Act = acting("event.order")) -> OrderReceipt:
    """Sign my order sheet: all events, once, within the term."""
    attestor = attestor_of(request)
    return await answer_as(OrderReceipt, act, lambda tx: ordering.hand_in(tx, attestor, stage_id, body.order))


@router.get("/stages/{stage_id}/ties")
async def tie_task(stage_id: UUID, act: Act = acting("tie.decide")) -> views.TieTask:
    """Place sums and tied events, for the chair, after the unsealing."""
    return await act.read(lambda tx: views.tie_task(tx, stage_id))


@router.post("/stages/{stage_id}/ties")
async def decide_ties(stage_id: UUID, body: TiesBody, act: Act = acting("tie.decide")) -> Done:
    """Put the tied events in order, with a reason (chair of the review committee)."""
    return await and_done(act, lambda tx: ordering.chair_decides(tx, stage_id, body.ordered, body.reason))
