"""Publication on real servers, with the rooms around it played by the test."""

from collections.abc import Iterator

import pytest

from deploy.stack import Stack
from tests.integration.publication.rooms import Rooms
from tests.integration.servers import ServiceProcess


@pytest.fixture(scope="session")
def publication(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The publication service."""
    process = ServiceProcess(
        stack, "publication", "services.publication", tmp_path_factory.mktemp("publication") / "log"
    )
    process.run("migrate")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def rooms(stack: Stack, publication: ServiceProcess) -> Iterator[Rooms]:
    """Everybody around publication."""
    played = Rooms(stack)
    yield played
    played.close()
