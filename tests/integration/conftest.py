"""One set of real servers for all integration tests of a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import Stack
from tests.integration.servers import People


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """PostgreSQL, NATS, Temporal, S3 and Caddy as a rehearsal stack without services."""
    data: Path = tmp_path_factory.mktemp("stack")
    with Stack(data, profile="rehearsal", services=False) as running:
        yield running


@pytest.fixture(scope="session")
def people(stack: Stack) -> People:
    """Whoever the tests need."""
    return People(stack)
