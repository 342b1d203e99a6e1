"""The messages of an enterprise: every notice that submission sends it, read on the portal."""

from uuid import UUID

from services.submission import store
from services.submission.tables import Message
from shared.contracts.facts import NoticeRead
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound


async def read_message(tx: Tx, notice_id: UUID) -> Message:
    """Note that somebody of the enterprise has read it; the first time counts, and office hears of it."""
    message = await tx.session.get(Message, notice_id, with_for_update=True)
    if message is None or message.recipient_id not in tx.actor.acts_for:
        raise NotFound("没有这条消息。")
    await _note(tx, message)
    return message


async def read_all(tx: Tx) -> int:
    """Note that all messages were read; returns how many were new."""
    unread = await store.unread_messages(tx, tx.actor.acts_for)
    for message in unread:
        await _note(tx, message)
    return len(unread)


async def _note(tx: Tx, message: Message) -> None:
    if message.read_at is not None:
        return
    message.read_at, message.read_by = tx.now, tx.actor.account_id
    tx.session.add(message)
    await tx.audit("message.read", case_id=message.case_id, notice=message.notice_id)
    await tx.emit(NoticeRead(source=tx.service, case_id=message.case_id, notice_id=message.notice_id))
