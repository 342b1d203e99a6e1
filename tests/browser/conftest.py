"""A real Chromium before the real pages: Caddy, office and publication, the other rooms played by the test."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from deploy.stack import Stack
from tests.browser.look import new_context
from tests.integration.office.neighbours import Office
from tests.integration.publication.acts import Publication
from tests.integration.publication.rooms import Rooms
from tests.integration.servers import People, ServiceProcess
from tests.integration.submission.desk import Desk
from tests.integration.submission.outside import Outside

CHROMIUM = Path("/usr/bin/chromium")
NAMES = [f"演练企业{number:03d}" for number in range(1, 11)]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The Debian package's Chromium; it is needed, not optional."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: install the Debian package chromium (and fonts-noto-cjk)", pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers of these tests' own: what other tests do to theirs is not seen on these pages."""
    with Stack(tmp_path_factory.mktemp("stack"), profile="rehearsal", services=False) as running:
        yield running


@pytest.fixture(scope="package")
def services(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ServiceProcess]]:
    """Office, submission and publication."""
    logs, names = tmp_path_factory.mktemp("logs"), ("office", "submission", "publication")
    found = {name: ServiceProcess(stack, name, f"services.{name}", logs / name) for name in names}
    for process in found.values():
        process.start("migrate", "all")
    yield found
    for process in found.values():
        process.stop()


@pytest.fixture(scope="package")
def rooms(stack: Stack, services: dict[str, ServiceProcess]) -> Iterator[Rooms]:
    """Ranking and submission, as far as publication sees them."""
    assert services
    played = Rooms(stack)
    yield played
    played.close()


@pytest.fixture(scope="package")
def publication(stack: Stack, services: dict[str, ServiceProcess], rooms: Rooms) -> Iterator[Publication]:
    """What the office and the public do at publication."""
    played = Publication(services["publication"], People(stack), rooms)
    yield played
    played.office.close()
    played.public.close()


@pytest.fixture(scope="package")
def notice(publication: Publication, rooms: Rooms) -> UUID:
    """The stage of a public notice in force, with ten entries."""
    place = publication.open_category("new_quality_pioneer")
    publicity, _lines = rooms.publicity(place, NAMES)
    publication.post(publicity.stage_id)
    return publicity.stage_id


@pytest.fixture(scope="package")
def office(stack: Stack, services: dict[str, ServiceProcess]) -> Iterator[Office]:
    """Office as programs use it."""
    found = Office(services["office"].origin, stack, services["office"].env["FANGBANG_DATABASE_URL"])
    with found.client:
        yield found


@pytest.fixture(scope="package")
def desk(stack: Stack, services: dict[str, ServiceProcess]) -> Iterator[Desk]:
    """Submission as programs use it; categories and stages begin as office begins them."""
    outside = Outside(stack)
    outside.start()
    found = Desk(services["submission"], People(stack), outside)
    yield found
    found.close()
    outside.stop()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody who has not signed in."""
    context = new_context(browser)
    yield context
    context.close()
