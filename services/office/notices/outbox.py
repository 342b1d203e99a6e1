"""The outbox of letters as programs and pages see it: addresses masked, reasons in words."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.office.accounts.tables import Account
from services.office.notices import store
from services.office.notices.actions import goes_to
from services.office.notices.delivering import carriers_of
from services.office.notices.domain import HELD_WORD, STATE_WORDS, Channel, DeliveryState, masked, number_of, title_of
from services.office.notices.tables import Delivery, Notice
from shared.infra.database import Tx
from shared.infra.settings import Settings
from shared.kernel.calendar import business_date


class DeliveryView(BaseModel):
    """A letter: about which notice, to whom (masked), and how it stands."""

    delivery_id: UUID
    notice_id: UUID
    number: str
    title: str
    channel: Channel
    login: str
    address: str
    state: DeliveryState
    held: bool
    word: str
    reason: str | None
    answer: str | None
    attempts: int
    made_at: datetime
    state_at: datetime
    next_try_at: datetime


class OutboxView(BaseModel):
    """The outbox: which channels are configured, whether all of it is held, counts by state, letters newest first."""

    mail_configured: bool
    sms_configured: bool
    held: bool
    held_reason: str | None
    held_at: datetime | None
    counts: dict[str, int]
    deliveries: list[DeliveryView]


async def read_outbox(tx: Tx, settings: Settings, state: str | None = None) -> OutboxView:
    """The outbox as it stands."""
    hold, configured = await store.outbox_hold(tx), carriers_of(settings)
    return OutboxView(
        mail_configured=Channel.MAIL in configured,
        sms_configured=Channel.SMS in configured,
        held=hold is not None,
        held_reason=hold.reason if hold else None,
        held_at=hold.held_at if hold else None,
        counts=await store.delivery_counts(tx),
        deliveries=[view_of(*found) for found in await store.deliveries(tx, state)],
    )


def view_of(delivery: Delivery, notice: Notice, account: Account) -> DeliveryView:
    """A letter as shown."""
    state, channel = DeliveryState(delivery.state), Channel(delivery.channel)
    held = delivery.held and state is DeliveryState.WAITING
    return DeliveryView(
        **delivery.model_dump(include={"delivery_id", "notice_id", "reason", "answer", "attempts", "made_at"}),
        number=number_of(business_date(notice.issued_at).year, notice.serial or 0),
        title=title_of(notice.template),
        channel=channel,
        login=account.login,
        address=masked(goes_to(delivery, account) or ""),
        state=state,
        held=held,
        word=HELD_WORD if held else STATE_WORDS[state],
        state_at=delivery.state_at,
        next_try_at=delivery.next_try_at,
    )
