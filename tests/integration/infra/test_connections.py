"""A connection that PostgreSQL closed is replaced before anybody works on it."""

import asyncio

from sqlalchemy import text

from deploy.stack import Stack
from shared.infra.database import Database

_OWN = text("SELECT pg_backend_pid()")
_LEFT = text("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(:pids)")
_END_OTHERS = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY(:pids)")


def test_work_goes_on_after_the_server_closed_every_connection(stack: Stack) -> None:
    async def run() -> tuple[set[int], set[int]]:
        url = stack.settings_for("review")["FANGBANG_DATABASE_URL"]
        database, other = Database(url, "review", pool=3), Database(url, "review", pool=1)
        try:
            before = await _backends(database)
            async with other.engine.connect() as connection:
                await connection.execute(_END_OTHERS, {"pids": sorted(before)})
                async with asyncio.timeout(30):
                    while (await connection.execute(_LEFT, {"pids": sorted(before)})).scalar_one():
                        await connection.rollback()  # within a transaction the same is seen again
                        await asyncio.sleep(0.05)
            await asyncio.sleep(0.2)  # the clients hear of it
            return before, await _backends(database)
        finally:
            await database.close()
            await other.close()

    before, after = asyncio.run(run())

    assert len(before) == len(after) == 3
    assert not before & after


async def _backends(database: Database) -> set[int]:
    """The server processes behind three connections used at once."""

    async def one() -> int:
        async with database.engine.connect() as connection:
            await asyncio.sleep(0.1)
            return int((await connection.execute(_OWN)).scalar_one())

    return set(await asyncio.gather(*(one() for _ in range(3))))
