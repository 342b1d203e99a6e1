"""Ranking on real servers, with the rooms around it played by the test."""

from collections.abc import Iterator

import pytest

from deploy.stack import Stack
from tests.integration.ranking.rooms import Rooms
from tests.integration.servers import ServiceProcess


@pytest.fixture(scope="session")
def ranking(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The ranking service."""
    process = ServiceProcess(stack, "ranking", "services.ranking", tmp_path_factory.mktemp("ranking") / "log")
    process.run("migrate")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def rooms(stack: Stack, ranking: ServiceProcess) -> Iterator[Rooms]:
    """Everybody around ranking."""
    played = Rooms(stack)
    yield played
    played.close()
