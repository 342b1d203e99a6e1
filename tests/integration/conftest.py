"""Real servers for the tests of the servers themselves; each service's tests have their own beside them."""

from collections.abc import Iterator

import pytest

from deploy.stack import Stack
from tests.integration.servers import People, fresh_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The servers without services."""
    yield from fresh_stack(tmp_path_factory)


@pytest.fixture(scope="session")
def people(stack: Stack) -> People:
    """Whoever the tests need."""
    return People(stack)
