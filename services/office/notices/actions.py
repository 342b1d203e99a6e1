"""Issuing notices and marking them as read."""

from uuid import UUID

from services.office.notices import store
from services.office.notices.tables import Notice
from shared.contracts.facts import NoticeDue
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound


async def issue_notice(tx: Tx, fact: NoticeDue) -> None:
    """Issue a notice once; its number follows, its text holds nobody's data."""
    if await tx.session.get(Notice, fact.notice_id) is not None:
        return
    tx.session.add(
        Notice(
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
    )
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
    notice = await tx.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound("没有这份通知。")
    if notice.read_at is None:
        notice.read_at, notice.read_by = tx.now, tx.actor.account_id
        tx.session.add(notice)
        await tx.audit("notice.read", case_id=notice.case_id, notice=notice_id)
