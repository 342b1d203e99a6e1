"""Two transactions at once on real PostgreSQL: the second one comes while the first stands still at a statement."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event, text

from shared.infra.database import Actor, Database, Tx

Work = Callable[[Tx], Awaitable[object]]

_PID = text("SELECT pg_backend_pid()")
_WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event_type = 'Lock'")


async def interleave(url: str, service: str, first: Work, at: str, second: Work, actor: Actor | None = None) -> None:
    """Run ``first``; as soon as it has executed a statement with ``at`` in it, ``second`` runs beside it.

    ``first`` goes on when ``second`` has committed, or waits for a lock that ``first`` holds. Both have ended when
    this returns; what either raises rises here. Fails when ``first`` executes no such statement.
    """
    database, other = Database(url, service, pool=1), _Other(url, service, second, actor or Actor())
    begun = threading.Event()

    @event.listens_for(database.engine.sync_engine, "after_cursor_execute")
    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if at in statement and not begun.is_set():
            begun.set()
            other.start()
            assert other.settled.wait(30), "the second transaction neither ends nor waits"

    try:
        async with database.transaction(actor or Actor()) as tx:
            await first(tx)
    finally:
        await database.close()
        if begun.is_set():
            await asyncio.to_thread(other.join, 30)
    assert begun.is_set(), f"the first transaction executed nothing with {at!r}"
    if other.trouble is not None:
        raise other.trouble


class _Other(threading.Thread):
    """The second transaction, in a thread and a loop of its own."""

    def __init__(self, url: str, service: str, work: Work, actor: Actor) -> None:
        super().__init__(daemon=True)
        self.url, self.service, self.work, self.actor = url, service, work, actor
        self.settled, self.pid = threading.Event(), 0
        self.trouble: BaseException | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as trouble:  # noqa: BLE001 - rises again in the test
            self.trouble = trouble
        finally:
            self.settled.set()

    async def _run(self) -> None:
        database = Database(self.url, self.service, pool=2)
        try:
            working = asyncio.create_task(self._transact(database))
            while not working.done():
                if self.pid and not self.settled.is_set() and await self._waits(database):
                    self.settled.set()
                await asyncio.sleep(0.02)
            await working
        finally:
            await database.close()

    async def _transact(self, database: Database) -> None:
        async with database.transaction(self.actor) as tx:
            self.pid = (await tx.session.execute(_PID)).scalar_one()
            await self.work(tx)

    async def _waits(self, database: Database) -> bool:
        async with database.transaction() as tx:
            return bool((await tx.session.execute(_WAITS, {"pid": self.pid})).scalar_one())
