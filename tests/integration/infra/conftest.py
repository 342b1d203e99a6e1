"""Servers of this package's own."""

from collections.abc import Iterator

import pytest

from deploy.stack import Stack
from tests.integration.servers import People, fresh_stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of this package's own."""
    yield from fresh_stack(tmp_path_factory)


@pytest.fixture(scope="package")
def people(stack: Stack) -> People:
    """Whoever the tests need."""
    return People(stack)
