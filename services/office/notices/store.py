"""Reads of notices and of their letters."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import and_, col, or_, select

from services.office.accounts.tables import Account
from services.office.notices.domain import DeliveryState, is_addressed
from services.office.notices.tables import Delivery, Notice, OutboxHold
from shared.infra.database import Tx
from shared.infra.tables import Witness
from shared.kernel.refusals import NotFound


async def inbox(tx: Tx, limit: int = 200) -> Sequence[Notice]:
    """The actor's notices, newest first."""
    actor = tx.actor
    mine = col(Notice.recipient_id).in_([*actor.acts_for, *([actor.account_id] if actor.account_id else [])])
    by_role = and_(Notice.recipient_kind == "role", col(Notice.recipient_role).in_(sorted(actor.roles)))
    query = select(Notice).where(or_(and_(Notice.recipient_kind != "role", mine), by_role))
    return (await tx.session.exec(query.order_by(col(Notice.serial).desc()).limit(limit))).all()


async def own_notice(tx: Tx, notice_id: UUID) -> Notice:
    """A notice of the actor's, locked; one of somebody else is not there."""
    notice = await tx.session.get(Notice, notice_id, with_for_update=True)
    actor = tx.actor
    if notice is None or not is_addressed(
        notice.recipient_kind,
        notice.recipient_id,
        notice.recipient_role,
        actor.account_id,
        actor.acts_for,
        actor.roles,
    ):
        raise NotFound("没有这份通知。")
    return notice


async def newest_witness(tx: Tx) -> str | None:
    """The newest checkpoint, printed on every notice so that each addressee holds a witness."""
    witness = await tx.session.get(Witness, 1)
    return witness.checkpoint if witness else None


async def addressees(tx: Tx, notice: Notice) -> Sequence[Account]:
    """The accounts that a notice is for."""
    query = select(Account).where(col(Account.revoked_at).is_(None))
    if notice.recipient_kind == "role":
        query = query.where(col(Account.roles).contains([notice.recipient_role]))
    else:
        acts_for = col(Account.acts_for).contains([str(notice.recipient_id)])
        query = query.where(or_(acts_for, Account.account_id == notice.recipient_id))
    return (await tx.session.exec(query.order_by(col(Account.account_id)))).all()


async def next_delivery(tx: Tx, channel: str) -> Delivery | None:
    """The letter that has waited longest of those that may go out now."""
    if await outbox_hold(tx) is not None:
        return None
    query = select(Delivery).where(
        Delivery.channel == channel,
        Delivery.state == DeliveryState.WAITING,
        col(Delivery.held).is_(False),
        Delivery.next_try_at <= tx.system_now,
    )
    return (await tx.session.exec(query.order_by(col(Delivery.next_try_at)).limit(1))).first()


async def lock_outbox(tx: Tx) -> None:
    """Whoever holds or releases the outbox and whoever claims a letter do so one after the other."""
    await tx.lock("outbox hold")


async def claim_delivery(tx: Tx, delivery_id: UUID) -> bool:
    """Note that the text is about to be handed over, unless somebody held the letter or another process was first."""
    await lock_outbox(tx)
    if await outbox_hold(tx) is not None:
        return False
    waiting = and_(
        col(Delivery.delivery_id) == delivery_id,
        col(Delivery.state) == DeliveryState.WAITING,
        col(Delivery.held).is_(False),
    )
    changes = {"state": DeliveryState.SENDING, "state_at": tx.system_now, "attempts": Delivery.attempts + 1}
    done = await tx.session.execute(update(Delivery).where(waiting).values(changes))
    return bool(done.rowcount)


async def abandoned_deliveries(tx: Tx, before: datetime) -> Sequence[Delivery]:
    """Letters whose text was being handed over when their process ended."""
    query = select(Delivery).where(Delivery.state == DeliveryState.SENDING, Delivery.state_at < before)
    return (await tx.session.exec(query.with_for_update(skip_locked=True))).all()


async def delivery_row(tx: Tx, delivery_id: UUID) -> Delivery:
    """A letter, locked."""
    delivery = await tx.session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None:
        raise NotFound("没有这封通知邮件。")
    return delivery


async def outbox_hold(tx: Tx) -> OutboxHold | None:
    """The hold on the whole outbox, if there is one."""
    return await tx.session.get(OutboxHold, 1)


async def deliveries(tx: Tx, state: str | None = None, limit: int = 200) -> Sequence[tuple[Delivery, Notice, Account]]:
    """Letters with their notices and addressees, newest first; ``state`` is one of the states or ``held``."""
    query = (
        select(Delivery, Notice, Account)
        .join(Notice, col(Notice.notice_id) == col(Delivery.notice_id))
        .join(Account, col(Account.account_id) == col(Delivery.account_id))
    )
    if state == "held":
        query = query.where(col(Delivery.held).is_(True), Delivery.state == DeliveryState.WAITING)
    elif state is not None:
        query = query.where(Delivery.state == state)
    return (await tx.session.exec(query.order_by(col(Delivery.made_at).desc(), col(Notice.serial)).limit(limit))).all()


async def delivery_counts(tx: Tx) -> dict[str, int]:
    """How many letters there are in each state; those held one by one are counted as ``held``."""
    query = select(Delivery.state, Delivery.held, func.count()).group_by(Delivery.state, col(Delivery.held))
    counts: dict[str, int] = {}
    for state, held, count in (await tx.session.exec(query)).all():
        name = "held" if held and state == DeliveryState.WAITING else state
        counts[name] = counts.get(name, 0) + count
    return counts
