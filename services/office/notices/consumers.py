"""What every service wants somebody to be told."""

from services.office.notices.actions import issue_notice, note_read
from shared.contracts.facts import NoticeDue, NoticeRead
from shared.infra.database import Tx
from shared.infra.messaging import Interests


def listen_to_notices(interests: Interests) -> None:
    """Register the consumer ``office-notices``."""

    @interests.on("notices", NoticeDue)
    async def notice_due(tx: Tx, fact: NoticeDue) -> None:
        await issue_notice(tx, fact)

    @interests.on("notices", NoticeRead)
    async def notice_read(tx: Tx, fact: NoticeRead) -> None:
        await note_read(tx, fact.notice_id)
