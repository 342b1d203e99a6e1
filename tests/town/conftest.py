"""A stack whose short year is over: every table has rows, every page something to show."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.rehearsal.driver.cast import small_cast
from deploy.rehearsal.driver.client import act_key
from deploy.rehearsal.run import build_world, rehearse
from deploy.stack import Stack
from deploy.stack.names import SERVICES
from shared.web.rights import Role
from tests.integration.servers import People


@dataclass
class Town:
    """The stack, whoever may sign in, and ids in use by the name of their column."""

    stack: Stack
    people: People
    ids: dict[str, list[str]]
    accounts: dict[str, tuple[UUID, tuple[UUID, ...]]]

    def token(self, role: Role) -> str:
        """A token of a real account with this role, for those it acts for; of an invented one if there is none."""
        account, acts_for = self.accounts.get(role, (uuid4(), ()))
        return self.people.token(role, account=account, acts_for=acts_for)

    def origin(self, service: str) -> str:
        """Where a service answers, past Caddy."""
        return f"http://127.0.0.1:{self.stack.settings_for(service)['FANGBANG_HTTP_PORT']}"

    def links(self) -> dict[str, str]:
        """A one-use sign-in link of one account of each role, by login."""
        with ThreadPoolExecutor(1) as apart:  # a browser's loop may run in this thread
            return apart.submit(asyncio.run, _links(self.stack)).result()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The short year of two programmes, and the stack as it was left, with the call of the next year open."""
    with Stack(tmp_path_factory.mktemp("town") / "data", profile="rehearsal") as stack:
        assert asyncio.run(rehearse(stack, cast=small_cast(), started=0.0, keep=True))
        yield Town(stack, People(stack), asyncio.run(_ids(stack)), asyncio.run(_accounts(stack)))


async def _links(stack: Stack) -> dict[str, str]:
    world = build_world(stack, cast=small_cast())
    try:
        made: list[dict[str, Any]] = await world.person("operator1").post(
            "/api/office/rehearsal/links", {}, key=act_key("town")
        )
    finally:
        await world.close()
    return {one["login"]: one["url"] for one in made}


async def _ids(stack: Stack) -> dict[str, list[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for service in SERVICES:
        connection = await asyncpg.connect(stack.settings_for(service)["FANGBANG_DATABASE_URL"])
        columns = await connection.fetch(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE data_type = 'uuid' AND table_schema IN ('public', 'infra')"
        )
        for schema, table, column in columns:
            rows = await connection.fetch(f'SELECT DISTINCT "{column}" FROM "{schema}"."{table}" LIMIT 5')
            found[column] |= {str(row[0]) for row in rows if row[0] is not None}
        await connection.close()
    return {name: sorted(ids) for name, ids in found.items()}


async def _accounts(stack: Stack) -> dict[str, tuple[UUID, tuple[UUID, ...]]]:
    """One account of each role, with those it acts for."""
    connection = await asyncpg.connect(stack.settings_for("office")["FANGBANG_DATABASE_URL"])
    rows = await connection.fetch("SELECT account_id, roles, acts_for FROM account ORDER BY created_at")
    await connection.close()
    found: dict[str, tuple[UUID, tuple[UUID, ...]]] = {}
    for account, roles, acts_for in rows:
        for role in json.loads(roles):
            found.setdefault(role, (account, tuple(UUID(one) for one in json.loads(acts_for))))
    return found
