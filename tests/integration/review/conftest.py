"""The review service on real servers, with its neighbours played by the tests."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.stack import Stack
from shared.infra.files import Files
from tests.integration.review.neighbours import Neighbours
from tests.integration.review.scene import Scene
from tests.integration.servers import People, ServiceProcess, fresh_stack
from tests.programme.green_workshops import RULEBOOKS


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
def beacons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A public source of randomness of which one round is out."""
    folder = tmp_path_factory.mktemp("beacons")
    (folder / "lottery").mkdir()
    (folder / "lottery" / "7.txt").write_text("7a" * 32)
    return folder


@pytest.fixture(scope="package")
def process(stack: Stack, beacons: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    asyncio.run(_empty(stack.settings_for("review")["FANGBANG_DATABASE_URL"]))
    found = ServiceProcess(stack, "review", "services.review", tmp_path_factory.mktemp("review") / "log")
    found.env["FANGBANG_BEACON_DIR"] = str(beacons)
    orders = tmp_path_factory.mktemp("orders")
    found.env["FANGBANG_KILL_DIR"] = str(orders)
    found.env["FANGBANG_RULEBOOKS_DIR"] = str(RULEBOOKS)
    found.start("migrate", "all")
    yield found
    found.stop()


@pytest.fixture(scope="package")
def neighbours(stack: Stack, process: ServiceProcess) -> Iterator[Neighbours]:
    found = Neighbours(stack)
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def scene(process: ServiceProcess, people: People, neighbours: Neighbours, stack: Stack) -> Iterator[Scene]:
    submission = ServiceProcess(stack, "submission", "services.submission", process.log)
    found = Scene(process, people, neighbours, Files(submission.settings()))
    yield found
    found.close()
