"""The submission service on real servers; office is played by the tests."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from deploy.stack import Stack
from tests.integration.servers import People, ServiceProcess, fresh_stack
from tests.integration.submission.desk import Desk
from tests.integration.submission.outside import Outside


async def _empty(url: str) -> None:
    """Another module may have run a service of its own in this database."""
    connection = await asyncpg.connect(url)
    await connection.execute("DROP SCHEMA IF EXISTS public, infra CASCADE; CREATE SCHEMA public")
    await connection.close()


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of this package's own."""
    yield from fresh_stack(tmp_path_factory)


@pytest.fixture(scope="package")
def people(stack: Stack) -> People:
    """Whoever the tests need."""
    return People(stack)


@pytest.fixture(scope="package")
def process(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    asyncio.run(_empty(stack.settings_for("submission")["FANGBANG_DATABASE_URL"]))
    found = ServiceProcess(stack, "submission", "services.submission", tmp_path_factory.mktemp("submission") / "log")
    found.start("migrate", "all")
    yield found
    found.stop()


@pytest.fixture(scope="package")
def outside(stack: Stack, process: ServiceProcess) -> Iterator[Outside]:
    found = Outside(stack)
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="package")
def desk(process: ServiceProcess, people: People, outside: Outside) -> Iterator[Desk]:
    found = Desk(process, people, outside)
    yield found
    found.close()
