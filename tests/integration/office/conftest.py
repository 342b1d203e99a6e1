"""One office process for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import Stack
from tests.integration.mail_room import MailRoom, mail_room
from tests.integration.office.neighbours import Office
from tests.integration.office.provider import OpenProvider
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
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailRoom]:
    """The mail server that office sends by."""
    with mail_room(tmp_path_factory.mktemp("mail")) as room:
        yield room


@pytest.fixture(scope="package")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a test orders office to die at a named point."""
    return tmp_path_factory.mktemp("orders")


@pytest.fixture(scope="package")
def provider(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenProvider]:
    """Where office's staff may sign in too."""
    found = OpenProvider(stack.birth.page_origin, tmp_path_factory.mktemp("provider") / "log")
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="package")
def process(
    stack: Stack, mail: MailRoom, provider: OpenProvider, orders: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    """Office, migrated and running."""
    service = ServiceProcess(stack, "office", "services.office", tmp_path_factory.mktemp("office") / "log")
    service.env |= {**mail.settings(), **provider.settings(), "FANGBANG_KILL_DIR": str(orders)}
    service.start("migrate", "all")
    yield service
    service.stop()


@pytest.fixture(scope="package")
def office(stack: Stack, process: ServiceProcess) -> Iterator[Office]:
    """Office as programs use it."""
    found = Office(process.origin, stack, process.env["FANGBANG_DATABASE_URL"])
    with found.client:
        yield found
