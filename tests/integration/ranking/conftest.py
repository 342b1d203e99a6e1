"""Ranking on real servers, with the rooms around it played by the test."""

from collections.abc import Iterator

import pytest

from deploy.stack import Stack
from tests.integration.ranking.rooms import Rooms
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
def ranking(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """The ranking service."""
    process = ServiceProcess(stack, "ranking", "services.ranking", tmp_path_factory.mktemp("ranking") / "log")
    process.start("migrate", "all")
    yield process
    process.stop()


@pytest.fixture(scope="package")
def rooms(stack: Stack, ranking: ServiceProcess) -> Iterator[Rooms]:
    """Everybody around ranking."""
    played = Rooms(stack)
    yield played
    played.close()
