"""What every service wants somebody to be told."""

from services.office.notices.actions import issue_notice, note_read
from services.office.notices.delivering import carriers_of
from shared.contracts.facts import NoticeDue, NoticeRead
from shared.infra.database import Tx
from shared.infra.messaging import Interests
from shared.infra.service import Service


def listen_to_notices(interests: Interests, service: Service) -> None:
    """Register the consumer ``office-notices``."""
    channels = tuple(carriers_of(service.settings))

    @interests.on("notices", NoticeDue)
    async def notice_due(tx: Tx, fact: NoticeDue) -> None:
        await issue_notice(tx, fact, channels)

    @interests.on("notices", NoticeRead)
    async def notice_read(tx: Tx, fact: NoticeRead) -> None:
        await note_read(tx, fact.notice_id)
