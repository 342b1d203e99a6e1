"""Issuing notices, marking them as read; holding, releasing and sending again their letters."""

from collections.abc import Collection
from uuid import UUID

from services.office.accounts.domain.registration import check_reach
from services.office.accounts.tables import Account
from services.office.notices import store
from services.office.notices.domain import Channel, DeliveryState
from services.office.notices.tables import Delivery, Notice, OutboxHold
from shared.contracts.facts import NoticeDue
from shared.infra.database import Tx
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Conflict, NotFound


async def issue_notice(tx: Tx, fact: NoticeDue, channels: Collection[Channel] = ()) -> None:
    """Issue a notice once; its number follows, its text holds nobody's data.

    ``channels``: those that are configured; each addressee who can be reached by one gets a letter through it.
    """
    if await tx.session.get(Notice, fact.notice_id) is not None:
        return
    notice = Notice(
        notice_id=fact.notice_id,
        source=fact.source,
        recipient_kind=fact.recipient_kind,
        recipient_id=fact.recipient_id,
        recipient_role=fact.recipient_role,
        template=fact.template,
        cycle_id=fact.cycle_id,
        category_id=fact.category_id,
        case_id=fact.case_id,
        case_number=fact.case_number,
        stage_title=fact.stage_title,
        until=fact.until,
        link=fact.link,
        issued_at=tx.now,
        checkpoint=await store.newest_witness(tx),
    )
    tx.session.add(notice)
    await tx.session.flush()
    for account in await store.addressees(tx, notice) if channels else ():
        for channel in channels:
            if address_of(account, channel) is not None:
                tx.session.add(_delivery(tx, notice, account, channel))
    await tx.audit(
        "notice.issued",
        cycle_id=fact.cycle_id,
        category_id=fact.category_id,
        case_id=fact.case_id,
        notice=fact.notice_id,
        template=fact.template,
    )


async def read_notice(tx: Tx, notice_id: UUID) -> Notice:
    """Note that an addressee has read it; the first time counts."""
    notice = await store.own_notice(tx, notice_id)
    if notice.read_at is None:
        notice.read_at, notice.read_by = tx.now, tx.actor.account_id
        tx.session.add(notice)
        await tx.audit("notice.read", case_id=notice.case_id, notice=notice_id)
    return notice


async def note_read(tx: Tx, notice_id: UUID) -> None:
    """The service that shows the notice says that its addressee has read it; the first time counts.

    Raises:
        NotFound: the notice itself has not come in yet; the fact is then heard again.
    """
    notice = await tx.session.get(Notice, notice_id, with_for_update=True)
    if notice is None:
        raise NotFound("没有这份通知。")
    if notice.read_at is None:
        notice.read_at, notice.read_by = tx.now, tx.actor.account_id
        tx.session.add(notice)
        await tx.audit("notice.read", case_id=notice.case_id, notice=notice_id)


def address_of(account: Account, channel: Channel) -> str | None:
    """Where an account is reached through a channel, if it can be."""
    address = account.email if channel is Channel.MAIL else account.mobile
    return address or None


def goes_to(delivery: Delivery, account: Account) -> str | None:
    """Where a letter goes: to its own address where it has one, else to the account's."""
    return delivery.address or address_of(account, Channel(delivery.channel))


def _delivery(tx: Tx, notice: Notice, account: Account, channel: Channel) -> Delivery:
    return Delivery(
        delivery_id=derived_id("delivery", channel, notice.notice_id, account.account_id),
        notice_id=notice.notice_id,
        account_id=account.account_id,
        channel=channel,
        state=DeliveryState.WAITING,
        made_at=tx.system_now,
        next_try_at=tx.system_now,
        state_at=tx.system_now,
    )


async def hold_delivery(tx: Tx, delivery_id: UUID, *, held: bool) -> Delivery:
    """Hold back a letter that has not gone out yet, or let it go."""
    delivery = await store.delivery_row(tx, delivery_id)
    if delivery.state != DeliveryState.WAITING:
        raise Conflict("delivery_gone", "这封邮件已经发出或正在发出，不能再暂停或放行。")
    if delivery.held != held:
        delivery.held, delivery.state_at = held, tx.system_now
        tx.session.add(delivery)
        await tx.audit("delivery.held" if held else "delivery.released", delivery=delivery_id)
    return delivery


async def note_bounce(tx: Tx, delivery_id: UUID, reason: str) -> Delivery:
    """Note that a letter which went out came back, and why."""
    delivery = await store.delivery_row(tx, delivery_id)
    if delivery.state not in (DeliveryState.SENT, DeliveryState.UNCERTAIN):
        raise Conflict("not_sent", "只有已发或结果不明的邮件可以记为退信。")
    delivery.state, delivery.reason, delivery.state_at = DeliveryState.BOUNCED, reason, tx.system_now
    tx.session.add(delivery)
    await tx.audit("delivery.bounced", delivery=delivery_id)
    return delivery


async def send_again(tx: Tx, delivery_id: UUID, address: str | None = None) -> Delivery:
    """Let a letter go out once more under its own id: one that failed, whose outcome is unknown, or was lost.

    ``address``: where this letter goes instead; the account keeps its own.
    """
    delivery = await store.delivery_row(tx, delivery_id)
    if delivery.state == DeliveryState.SENDING:
        raise Conflict("delivery_gone", "这封邮件正在发出，请稍后再看结果。")
    if address:
        mobile, email = (None, address) if delivery.channel == Channel.MAIL else (address, None)
        check_reach(mobile, email)
        delivery.address = address.strip()
    await tx.audit("delivery.sent_again", delivery=delivery_id, after=delivery.state, elsewhere=bool(address))
    delivery.state, delivery.attempts, delivery.held = DeliveryState.WAITING, 0, False
    delivery.next_try_at = delivery.state_at = tx.system_now
    tx.session.add(delivery)
    return delivery


async def hold_outbox(tx: Tx, reason: str) -> None:
    """No letter goes out from now on."""
    await store.lock_outbox(tx)
    if await store.outbox_hold(tx) is not None:
        raise Conflict("outbox_held", "发件箱已经暂停。")
    tx.session.add(OutboxHold(held_by=tx.actor.account_id or UUID(int=0), held_at=tx.system_now, reason=reason))
    await tx.audit("outbox.held", reason=reason)


async def release_outbox(tx: Tx) -> None:
    """Letters go out again."""
    await store.lock_outbox(tx)
    hold = await store.outbox_hold(tx)
    if hold is None:
        raise Conflict("outbox_not_held", "发件箱没有暂停。")
    await tx.session.delete(hold)
    await tx.audit("outbox.released")
