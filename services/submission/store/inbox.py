"""Reads of messages to those who filed."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from services.submission.tables import (
    Case,
    Message,
)
from shared.infra.database import Tx


async def messages(tx: Tx, recipients: Collection[UUID], limit: int = 200) -> Sequence[tuple[Message, Case]]:
    """Messages to some enterprises with the cases they speak of, newest first."""
    query = (
        select(Message, Case)
        .join(Case, col(Case.case_id) == col(Message.case_id))
        .where(col(Message.recipient_id).in_(list(recipients)))
        .order_by(col(Message.sent_at).desc(), col(Message.notice_id).desc())
        .limit(limit)
    )
    return (await tx.session.exec(query)).all()


async def count_unread(tx: Tx, recipients: Collection[UUID]) -> int:
    """How many messages to some enterprises nobody has read."""
    query = select(func.count()).where(col(Message.recipient_id).in_(list(recipients)), col(Message.read_at).is_(None))
    return int((await tx.session.exec(query)).one())


async def known_messages(tx: Tx, notice_ids: Collection[UUID]) -> set[UUID]:
    """Which of some messages were sent already."""
    query = select(Message.notice_id).where(col(Message.notice_id).in_(list(notice_ids)))
    return set(await tx.session.exec(query))


async def unread_messages(tx: Tx, recipients: Collection[UUID]) -> Sequence[Message]:
    """Messages that nobody has read, locked."""
    query = select(Message).where(col(Message.recipient_id).in_(list(recipients)), col(Message.read_at).is_(None))
    return (await tx.session.exec(query.order_by(col(Message.notice_id)).with_for_update())).all()
