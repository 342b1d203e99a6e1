"""The services without servers, and for the migrations a real PostgreSQL."""

import logging
from collections.abc import Iterator, Mapping

import pytest
import structlog

from deploy.stack import Stack
from deploy.stack.names import SERVICES
from tests.contract.declared import Declared, declare


@pytest.fixture(scope="session")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Declared]:
    """Each service by name."""
    folder = tmp_path_factory.mktemp("keys")
    return {name: declare(name, folder) for name in SERVICES}


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real servers."""
    with Stack(tmp_path_factory.mktemp("stack"), profile="rehearsal", services=False) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refused requests are no news here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()
