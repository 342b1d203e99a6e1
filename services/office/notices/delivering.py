"""The outbox of letters: one after the other, each handed over at most once without a person saying so.

A letter is marked as 'sending' after the other side has accepted its addressee and before its text is handed over. A
process that dies before the mark has sent nothing: the letter still waits. One that dies after it leaves a letter of
which nobody knows whether it went out: it is shown as uncertain, and only a person sends it again, under the same id.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from services.office.accounts.tables import Account
from services.office.notices import store
from services.office.notices.actions import goes_to
from services.office.notices.domain import Channel, DeliveryState, letter_text, number_of, retry_at, title_of
from services.office.notices.tables import Delivery, Notice
from shared.infra.database import Database, Tx
from shared.infra.killpoints import LETTER_SENT, reach
from shared.infra.mail import Bounced, Carrier, Letter, Unavailable, Uncertain, Untransferred, mail_server
from shared.infra.service import Service
from shared.infra.settings import Settings
from shared.infra.sms import short_message_service
from shared.infra.telemetry import log
from shared.kernel.calendar import business_date
from shared.web.formats import term_end

POLL_SECONDS = 2.0
_log = log(__name__)


def carriers_of(settings: Settings) -> Mapping[Channel, Carrier]:
    """The channels that are configured."""
    found = {Channel.MAIL: mail_server(settings), Channel.SMS: short_message_service(settings)}
    return {channel: carrier for channel, carrier in found.items() if carrier is not None}


async def deliver_notices(service: Service) -> None:
    """Run for ever; without a configured channel there is nothing to do."""
    carriers = carriers_of(service.settings)
    outboxes = [Outbox(service.database, service.settings, channel, one) for channel, one in carriers.items()]
    while True:
        for outbox in outboxes:
            await outbox.own_up()
            while await outbox.send_next():
                pass
        await asyncio.sleep(POLL_SECONDS)


class Outbox:
    """The letters of one channel."""

    def __init__(self, database: Database, settings: Settings, channel: Channel, carrier: Carrier) -> None:
        self.database, self.settings, self.channel, self.carrier = database, settings, channel, carrier
        self._first_pause = timedelta(seconds=settings.smtp_retry_seconds)

    async def own_up(self) -> int:
        """Show letters as uncertain whose process ended while it handed them over; returns how many."""
        async with self.database.transaction() as tx:
            # Longer than any hand-over can take: its process is gone.
            longest = timedelta(seconds=4 * self.settings.smtp_timeout_seconds)
            left = await store.abandoned_deliveries(tx, tx.system_now - longest)
            for one in left:
                one.state, one.state_at = DeliveryState.UNCERTAIN, tx.system_now
                one.reason = "正文交出后程序中断，不知是否发出"
                tx.session.add(one)
                await tx.audit("delivery.uncertain", delivery=one.delivery_id)
        return len(left)

    async def send_next(self) -> bool:
        """Send the next letter that may go out; whether another is worth trying now."""
        async with self.database.transaction() as tx:
            delivery = await store.next_delivery(tx, self.channel)
            if delivery is None:
                return False
            letter = await self._letter(tx, delivery)
        if letter is None:
            await self._note(delivery.delivery_id, Bounced("收件人已停用，或没有可用的地址"))
            return True
        return await self._transfer(delivery.delivery_id, letter)

    async def _transfer(self, delivery_id: UUID, letter: Letter) -> bool:
        try:
            transfer = await asyncio.to_thread(self.carrier.begin, letter)
        except Untransferred as trouble:
            await self._note(delivery_id, trouble, attempts=1)
            return not isinstance(trouble, Unavailable)
        async with self.database.transaction() as tx:
            claimed = await store.claim_delivery(tx, delivery_id)
        if not claimed:
            await asyncio.to_thread(transfer.drop)
            return True
        try:
            answer = await asyncio.to_thread(transfer.finish)
        except Untransferred as trouble:
            await self._note(delivery_id, trouble)
            return True
        reach(LETTER_SENT)
        await self._note(delivery_id, None, answer=answer)
        return True

    async def _letter(self, tx: Tx, delivery: Delivery) -> Letter | None:
        notice = await tx.session.get_one(Notice, delivery.notice_id)
        account = await tx.session.get_one(Account, delivery.account_id)
        address = goes_to(delivery, account)
        if address is None or account.revoked_at is not None:
            return None
        number = number_of(business_date(notice.issued_at).year, notice.serial or 0)
        title, until = title_of(notice.template), term_end(notice.until) if notice.until else ""
        url = f"{self.settings.public_origin.rstrip('/')}{notice.link}"
        return Letter(
            letter_id=str(delivery.delivery_id),
            to=address,
            subject=f"{'【演练】' if tx.rehearsal else ''}{number}：{title}",
            text=letter_text(title, number, notice.case_number, notice.stage_title, until, url),
            written_at=notice.issued_at,
        )

    async def _note(
        self, delivery_id: UUID, trouble: Untransferred | None, *, attempts: int = 0, answer: str | None = None
    ) -> None:
        """Write down how it went; ``attempts``: those that the claim has not counted."""
        async with self.database.transaction() as tx:
            delivery = await store.delivery_row(tx, delivery_id)
            delivery.attempts += attempts
            delivery.state_at, delivery.answer = tx.system_now, answer
            delivery.reason = trouble.reason if trouble else None
            again = retry_at(delivery.attempts, self._first_pause, tx.system_now)
            if trouble is None:
                delivery.state = DeliveryState.SENT
            elif isinstance(trouble, Uncertain):
                delivery.state = DeliveryState.UNCERTAIN
            elif isinstance(trouble, Bounced) or again is None:
                delivery.state = DeliveryState.FAILED
            else:
                delivery.state, delivery.next_try_at = DeliveryState.WAITING, again
            tx.session.add(delivery)
            if delivery.state != DeliveryState.WAITING:
                await tx.audit(f"delivery.{delivery.state}", delivery=delivery_id, attempts=delivery.attempts)
            _log.info("letter", delivery=str(delivery_id), state=str(delivery.state), attempts=delivery.attempts)
