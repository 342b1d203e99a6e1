"""One office process for the tests of this folder."""

from collections.abc import Iterator

import pytest

from deploy.stack import Stack
from tests.integration.office.neighbours import Office
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
    """Office, migrated and running."""
    service = ServiceProcess(stack, "office", "services.office", tmp_path_factory.mktemp("office") / "log")
    service.run("migrate")
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="package")
def office(stack: Stack, process: ServiceProcess) -> Iterator[Office]:
    """Office as programs use it."""
    found = Office(process.origin, stack, process.env["FANGBANG_DATABASE_URL"])
    with found.client:
        yield found
