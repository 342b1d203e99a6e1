"""The addressee's inbox, and the office's outbox of letters, as JSON."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.office.notices import actions, store
from services.office.notices.domain import number_of, title_of
from services.office.notices.outbox import OutboxView, read_outbox
from services.office.notices.tables import Delivery, Notice
from shared.infra.database import Tx
from shared.kernel.calendar import business_date
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/office", tags=["notices"])


class NoticeView(BaseModel):
    """A notice as its addressee reads it."""

    notice_id: UUID
    number: str
    title: str
    template: str
    case_id: UUID | None
    case_number: str | None
    stage_title: str | None
    until: datetime | None
    link: str
    issued_at: datetime
    read_at: datetime | None
    checkpoint: str | None


def view_of(notice: Notice) -> NoticeView:
    """A notice with its number and heading."""
    return NoticeView(
        **notice.model_dump(include=set(NoticeView.model_fields)),
        number=number_of(business_date(notice.issued_at).year, notice.serial or 0),
        title=title_of(notice.template),
    )


@router.get("/notices")
async def notices(act: Act = acting("notice.read")) -> list[NoticeView]:
    """The notices to whoever asks, newest first."""

    async def read(tx: Tx) -> list[NoticeView]:
        return [view_of(notice) for notice in await store.inbox(tx)]

    return await act.read(read)


@router.post("/notices/{notice_id}/read")
async def read_notice(notice_id: UUID, act: Act = acting("notice.read")) -> NoticeView:
    """Note that it was read."""

    async def do(tx: Tx) -> NoticeView:
        return view_of(await actions.read_notice(tx, notice_id))

    return await act(do)


class Hold(BaseModel):
    """Why the whole outbox is held."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


class Bounce(BaseModel):
    """Why a letter came back, as the other side said it."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


class Elsewhere(BaseModel):
    """Where a letter is to go instead: an e-mail address, or a mobile number for a short message."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(min_length=1, max_length=200)


class DeliveryState(BaseModel):
    """How a letter stands after an act."""

    delivery_id: UUID
    state: str
    held: bool


@router.get("/deliveries")
async def deliveries(request: Request, state: str | None = None, act: Act = acting("delivery.read")) -> OutboxView:
    """The outbox of letters; ``state``: waiting, held, sending, sent, failed, uncertain or bounced."""
    settings = request.app.state.service.settings
    return await act.read(lambda tx: read_outbox(tx, settings, state))


@router.post("/deliveries/hold")
async def hold_all(body: Hold, request: Request, act: Act = acting("delivery.release")) -> OutboxView:
    """Hold the whole outbox."""
    settings = request.app.state.service.settings

    async def do(tx: Tx) -> OutboxView:
        await actions.hold_outbox(tx, body.reason)
        await tx.session.flush()
        return await read_outbox(tx, settings)

    return await act(do)


@router.post("/deliveries/release")
async def release_all(request: Request, act: Act = acting("delivery.release")) -> OutboxView:
    """Let the outbox go again."""
    settings = request.app.state.service.settings

    async def do(tx: Tx) -> OutboxView:
        await actions.release_outbox(tx)
        await tx.session.flush()
        return await read_outbox(tx, settings)

    return await act(do)


@router.post("/deliveries/{delivery_id}/hold")
async def hold(delivery_id: UUID, act: Act = acting("delivery.release")) -> DeliveryState:
    """Hold one letter back."""

    async def do(tx: Tx) -> DeliveryState:
        return _stands(await actions.hold_delivery(tx, delivery_id, held=True))

    return await act(do)


@router.post("/deliveries/{delivery_id}/release")
async def release(delivery_id: UUID, act: Act = acting("delivery.release")) -> DeliveryState:
    """Let one letter go."""

    async def do(tx: Tx) -> DeliveryState:
        return _stands(await actions.hold_delivery(tx, delivery_id, held=False))

    return await act(do)


@router.post("/deliveries/{delivery_id}/resend")
async def resend(
    delivery_id: UUID, body: Elsewhere | None = None, act: Act = acting("delivery.release")
) -> DeliveryState:
    """Send one letter again, under the same id; to another address where one is given."""

    async def do(tx: Tx) -> DeliveryState:
        return _stands(await actions.send_again(tx, delivery_id, body.address if body else None))

    return await act(do)


@router.post("/deliveries/{delivery_id}/bounce")
async def bounce(delivery_id: UUID, body: Bounce, act: Act = acting("delivery.release")) -> DeliveryState:
    """Note that a letter came back."""

    async def do(tx: Tx) -> DeliveryState:
        return _stands(await actions.note_bounce(tx, delivery_id, body.reason))

    return await act(do)


def _stands(delivery: Delivery) -> DeliveryState:
    return DeliveryState(delivery_id=delivery.delivery_id, state=delivery.state, held=delivery.held)
