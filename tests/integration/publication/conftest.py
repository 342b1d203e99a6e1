"""Publication on real servers, with the rooms around it played by the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import Stack
from tests.integration.publication.acts import Publication
from tests.integration.publication.rooms import Rooms
from tests.integration.servers import People, ServiceProcess, fresh_stack


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
    """The publication service."""
    log = tmp_path_factory.mktemp("publication") / "log"
    process = ServiceProcess(stack, "publication", "services.publication", log)
    process.start("migrate", "all")
    yield process
    process.stop()


@pytest.fixture(scope="package")
def rooms(stack: Stack, process: ServiceProcess) -> Iterator[Rooms]:
    """Everybody around publication."""
    played = Rooms(stack)
    yield played
    played.close()


@pytest.fixture(scope="package")
def publication(process: ServiceProcess, people: People, rooms: Rooms) -> Iterator[Publication]:
    """What the office and the public do."""
    played = Publication(process, people, rooms)
    yield played
    played.office.close()
    played.public.close()


@pytest.fixture(scope="package")
def public_dir(process: ServiceProcess) -> Path:
    """Where the pre-rendered pages lie."""
    return Path(process.env["FANGBANG_PUBLIC_DIR"])
