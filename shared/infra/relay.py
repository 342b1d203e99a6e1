"""The relay: independent sender loops that empty the outbox, store dossiers and number audit rows.

One leader per service by advisory lock; woken by NOTIFY, polling as the truth: one question a second for all loops.
Neither NATS nor Temporal nor S3 being down stops the others.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg
import nats.js.errors
from nats.js import JetStreamContext
from sqlalchemy import select, update
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from shared.contracts.names import STREAM
from shared.infra.clocks import SystemClock
from shared.infra.database import COMMAND, FACT, Database, Tx
from shared.infra.files import Files
from shared.infra.killpoints import reach
from shared.infra.sequencer import number_audit_rows
from shared.infra.tables import Dossier, Outbox
from shared.infra.telemetry import COMMANDS_SENT, FACTS_SENT, OUTBOX_UNSENT, current_trace, log

BATCH = 200
POLL_SECONDS = 1.0
LEADER_LOCK = 7_201_712
CHANNELS = (FACT, COMMAND, "dossier", "audit")
_WAITING = """
SELECT 'fact' WHERE EXISTS (SELECT FROM infra.outbox WHERE target = 'fact' AND sent_at IS NULL)
UNION ALL SELECT 'command' WHERE EXISTS (SELECT FROM infra.outbox WHERE target = 'command' AND sent_at IS NULL)
UNION ALL SELECT 'dossier' WHERE EXISTS (SELECT FROM infra.dossier WHERE stored_at IS NULL)
UNION ALL SELECT 'audit' WHERE EXISTS (SELECT FROM infra.audit WHERE number IS NULL)
"""
"""The channels whose loops have something to do; each question is answered by a partial index."""

Send = Callable[[Outbox], Awaitable[None]]
_log = log(__name__)


class Relay:
    """All sender loops of one service."""

    def __init__(self, database: Database, jetstream: JetStreamContext, temporal: Client, files: Files) -> None:
        self.database = database
        self.jetstream = jetstream
        self.temporal = temporal
        self.files = files
        self._awake = {channel: asyncio.Event() for channel in CHANNELS}
        self._failing: set[str] = set()

    async def run(self) -> None:
        """Lead when nobody else does; a lost connection ends the leadership and the next round tries again."""
        while True:
            try:
                await self._lead()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as trouble:
                _log.warning("relay_leadership_lost", error=str(trouble))
                await asyncio.sleep(POLL_SECONDS)

    async def _lead(self) -> None:
        connection = await asyncpg.connect(self.database.url)
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):
                await asyncio.sleep(POLL_SECONDS)
            for channel, event in self._awake.items():
                await connection.add_listener(channel, lambda *_, event=event: event.set())
            async with asyncio.TaskGroup() as group:
                group.create_task(self._loop(FACT, self._send_facts))
                group.create_task(self._loop(COMMAND, self._send_commands))
                group.create_task(self._loop("dossier", self._store_dossiers))
                group.create_task(self._loop("audit", self._number_audit))
                group.create_task(self._watch(connection))
        except* (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as group_trouble:
            raise group_trouble.exceptions[0] from group_trouble
        finally:
            connection.terminate()

    async def _watch(self, connection: asyncpg.Connection) -> None:
        """Wake the loops that have work, told or not; the lock lives as long as this connection answers."""
        while True:
            for (channel,) in await connection.fetch(_WAITING):
                if channel not in self._failing:
                    self._awake[channel].set()
            await asyncio.sleep(POLL_SECONDS)

    async def _loop(self, channel: str, work: Callable[[], Awaitable[int]]) -> None:
        """Repeat a loop's work while there is some; a fault is logged, counted on its row and tried again."""
        pause = POLL_SECONDS
        while True:
            self._awake[channel].clear()
            try:
                done = await work()
                self._failing.discard(channel)
                pause = POLL_SECONDS
            except Exception as trouble:  # noqa: BLE001 - any outage: the rows stay, the next round tries again
                _log.warning("relay_round_failed", channel=channel, error=repr(trouble))
                self._failing.add(channel)
                done, pause = 0, min(pause * 2, 15.0)
            if not done:
                await self._sleep(channel, pause if channel in self._failing else None)

    async def _sleep(self, channel: str, seconds: float | None) -> None:
        """Until there is work; after a fault, until somebody brings more or the pause is over."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._awake[channel].wait(), seconds)

    async def _send_facts(self) -> int:
        return await self._send_batch(FACT, self._publish)

    async def _send_commands(self) -> int:
        return await self._send_batch(COMMAND, self._start_or_nudge)

    async def _send_batch(self, target: str, send: Send) -> int:
        """Send what is unsent, oldest first; each row is marked by its own outcome."""
        async with self.database.transaction() as tx:
            rows = await unsent(tx, target)
            OUTBOX_UNSENT.labels(self.database.service, target).set(len(rows))
            outcomes = await asyncio.gather(*(send(row) for row in rows), return_exceptions=True)
            await mark(tx, rows, outcomes, SystemClock().now())
        if rows:
            reach("relay.rows_marked")
        failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if failed and len(failed) == len(rows):
            raise failed[0]
        return len(rows) - len(failed)

    async def _publish(self, row: Outbox) -> None:
        """Publish a fact; a repeat under the same id is no second message."""
        await self.jetstream.publish(
            row.subject,
            json.dumps(row.payload, ensure_ascii=False).encode(),
            timeout=5,
            stream=STREAM,
            headers={nats.js.api.Header.MSG_ID: str(row.message_id), "Fangbang-Trace": row.trace},
        )
        FACTS_SENT.labels(self.database.service).inc()
        reach("relay.fact_published")

    async def _start_or_nudge(self, row: Outbox) -> None:
        """Start a workflow by its fixed id, or nudge it; a completed one needs neither."""
        token = current_trace.set(row.trace)
        try:
            await self.temporal.start_workflow(
                str(row.payload["workflow"]),
                row.payload["ref"],
                id=str(row.payload["workflow_id"]),
                task_queue=str(row.payload["queue"]),
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                start_signal="look_again",
            )
        except WorkflowAlreadyStartedError:
            return
        finally:
            current_trace.reset(token)
        COMMANDS_SENT.labels(self.database.service).inc()
        reach("relay.command_sent")

    async def _store_dossiers(self) -> int:
        """Write dossiers to S3 under their digest; the same bytes twice are the same object."""
        async with self.database.transaction() as tx:
            found = await tx.session.execute(
                select(Dossier).where(Dossier.stored_at.is_(None)).limit(20).with_for_update(skip_locked=True)  # type: ignore[union-attr]
            )
            dossiers = list(found.scalars())
            await asyncio.gather(*(self.files.put_dossier(row.digest, row.content) for row in dossiers))
            for row in dossiers:
                row.stored_at = tx.system_now
                tx.session.add(row)
            if dossiers:
                reach("relay.dossier_stored")
        return len(dossiers)

    async def _number_audit(self) -> int:
        async with self.database.transaction() as tx:
            numbered = await number_audit_rows(tx)
            if numbered:
                reach("relay.audit_numbered")
            return numbered


async def unsent(tx: Tx, target: str) -> list[Outbox]:
    """The oldest unsent rows of a target, locked."""
    found = await tx.session.execute(
        select(Outbox)
        .where(Outbox.target == target, Outbox.sent_at.is_(None))  # type: ignore[arg-type, union-attr]
        .order_by(Outbox.id)  # type: ignore[arg-type]
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return list(found.scalars())


async def mark(tx: Tx, rows: list[Outbox], outcomes: list[BaseException | None], at: datetime) -> None:
    """Mark what was sent; note the error on what was not."""
    sent = [row.id for row, outcome in zip(rows, outcomes, strict=True) if outcome is None]
    if sent:
        await tx.session.execute(update(Outbox).where(Outbox.id.in_(sent)).values(sent_at=at))  # type: ignore[union-attr]
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome is not None:
            row.attempts += 1
            row.last_error = repr(outcome)[:500]
            tx.session.add(row)
