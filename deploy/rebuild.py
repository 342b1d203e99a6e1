"""Everything running is put back on its way from PostgreSQL; NATS and Temporal may have been emptied before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from deploy.declared import settings_on
from deploy.stack import Stack
from deploy.stack.names import SERVICES
from deploy.stack.refusal import StackRefusal
from shared.infra.database import Database
from shared.infra.rebuilding import Rebuilt, rebuild

WIPED = ("nats", "temporal")
TOGETHER_SECONDS = 180.0
"""How long the services may take to come back, all at once on a small machine."""


def running_services(stack: Stack) -> list[str]:
    """The services that run on the stack; refuses when there is none."""
    running = [row.part for row in stack.status() if row.part in SERVICES]
    if not running:
        raise StackRefusal(f"No service runs in {stack.data.root}: start them with `fangbang up`.")
    return running


def wipe(stack: Stack, say: Callable[[str], None]) -> None:
    """Empty NATS and Temporal, and restart the services, which make stream and consumers anew."""
    services = running_services(stack)
    for part in WIPED:
        stack.wipe(part)
        say(f"{part} is empty and ready.")
    with ThreadPoolExecutor(len(services)) as pool:
        list(pool.map(partial(stack.restart, seconds=TOGETHER_SECONDS), services))
    say("The services are ready again.")


def rebuild_services(stack: Stack, services: Sequence[str], *, dossiers: bool = False) -> list[Rebuilt]:
    """Rebuild from the database of each service named; the running relays send what this puts back."""
    return asyncio.run(_rebuild_all(stack, services, dossiers))


async def _rebuild_all(stack: Stack, services: Sequence[str], dossiers: bool) -> list[Rebuilt]:
    return list(await asyncio.gather(*(_rebuild_one(stack, name, dossiers) for name in services)))


async def _rebuild_one(stack: Stack, name: str, dossiers: bool) -> Rebuilt:
    database = Database(settings_on(stack, name).database_url, name, pool=1)
    try:
        async with database.transaction() as tx:
            return await rebuild(tx, dossiers=dossiers)
    finally:
        await database.close()
