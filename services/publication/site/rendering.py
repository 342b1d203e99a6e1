"""Pre-rendering: registered pages are rendered after the commit that touched them, and again when their day changes.

The rows say what must be rendered; a notification only wakes. At start every page whose file is missing is rendered.
"""

import asyncio
from pathlib import Path

import asyncpg
from jinja2 import Environment
from sqlalchemy import update

from services.publication import store
from services.publication.actions.sites import want_fixed_pages
from services.publication.bundles import programs
from services.publication.domain.lists import as_csv
from services.publication.domain.scanning import PersonalData
from services.publication.site.environment import public_environment
from services.publication.site.files import write_public
from services.publication.site.notices import notice, stage_and_posting
from services.publication.site.views import View, view_of
from services.publication.tables import Page
from shared.infra.database import Tx
from shared.infra.service import Service
from shared.infra.telemetry import log
from shared.kernel.calendar import business_date
from shared.kernel.canonical import canonical
from shared.kernel.refusals import NotFound
from shared.web.documents import public_list_pdf
from shared.web.templating import render_to_bytes

ALGORITHM = Path(__file__).parents[3] / "docs" / "draw.md"
POLL_SECONDS = 5.0
GATHER_SECONDS = 0.2
_log = log(__name__)


class Renderer:
    """Keeps the public folder as the rows say."""

    def __init__(self, service: Service, environment: Environment | None = None) -> None:
        self.service = service
        self.root = service.settings.public_dir
        self.environment = environment or public_environment(service)
        self._awake = asyncio.Event()

    async def run(self) -> None:
        """Render what is wanted, for ever; every page once at start.

        Raises:
            ConnectionError: the database went away and with it the notifications; to be run again.
        """
        if self.root is None:
            return
        self._awake.set()
        async with self.service.database.transaction() as tx:
            await want_fixed_pages(tx)
        for name, program in programs().items():
            write_public(self.root, f"/verify/{name}", program)
        write_public(self.root, "/verify/draw.md", ALGORITHM.read_bytes())
        connection = await asyncpg.connect(self.service.database.url)
        try:
            await connection.add_listener(store.PAGES, lambda *_: self._awake.set())
            connection.add_termination_listener(lambda *_: self._awake.set())
            while not connection.is_closed():
                await self.render_due()
                await self._sleep()
            raise ConnectionError("the connection that hears of wanted pages was lost")
        finally:
            connection.terminate()

    async def _sleep(self) -> None:
        try:
            await asyncio.wait_for(self._awake.wait(), POLL_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)  # facts come in bursts: one rendering for all of them
        except TimeoutError:
            return
        finally:
            self._awake.clear()

    async def render_due(self) -> int:
        """Render every page that is not as its rows say; returns how many were rendered."""
        async with self.service.database.transaction() as tx:
            day = business_date(tx.now).isoformat()
            due = [
                (page.path, page.wanted, now)
                for page, version, state in await store.pages(tx)
                if self._is_due(page, now := basis(page.kind, version, state, day))
            ]
        for path, wanted, now in due:
            await self._render(path, wanted, now)
        return len(due)

    def _is_due(self, page: Page, now: str) -> bool:
        missing = self.root is not None and not (self.root / page.path.lstrip("/")).is_file()
        return page.rendered < page.wanted or page.basis != now or (missing and page.blocked is None)

    async def _render(self, path: str, wanted: int, basis_then: str) -> None:
        """Render one page. One that may not be written says so on its row and to operators; the others go on."""
        async with self.service.database.transaction() as tx:
            page = await tx.session.get_one(Page, path)
            now = {"rendered": wanted, "basis": basis_then, "rendered_at": tx.now}
            try:
                now |= {"digest": await self._write(tx, page), "blocked": None}
            except (NotFound, PersonalData) as refusal:
                now["blocked"] = refusal.message
                if page.blocked != refusal.message:
                    await tx.audit("page.blocked", path=path, code=refusal.code, reason=refusal.message)
            await tx.session.execute(update(Page).where(Page.path == path).values(**now))  # type: ignore[arg-type]

    async def _write(self, tx: Tx, page: Page) -> str:
        view = await view_of(tx, page.kind, page.ref)
        content = render_to_bytes(self.environment, view.template, view.page, **view.context)
        root = self.root or Path()
        if page.kind == "notice" and page.ref is not None:
            await self._write_downloads(tx, page, view)
        return await asyncio.to_thread(write_public, root, page.path, content, view.allowed)

    async def _write_downloads(self, tx: Tx, page: Page, view: View) -> None:
        """The notice's list as data, table and paper, beside its page."""
        found = await stage_and_posting(tx, page.ref) if page.ref else None
        listing = await store.listing_of_stage(tx, page.ref) if page.ref else None
        if found is None or listing is None or found[1].kind != "notice":
            return
        shown, content = await notice(tx, *found, listing)
        root, base = self.root or Path(), f"/lists/{page.ref}"
        await asyncio.to_thread(write_public, root, f"{base}/list.json", canonical(content), view.allowed)
        await asyncio.to_thread(write_public, root, f"{base}/list.csv", as_csv(content).encode(), view.allowed)
        url = f"{self.service.settings.public_origin}{base}"
        pdf = await asyncio.to_thread(public_list_pdf, shown, verify_url=url, rehearsal=tx.rehearsal)
        await asyncio.to_thread(write_public, root, f"{base}/list.pdf", pdf)


def basis(kind: str, version: int | None, state: str | None, day: str) -> str:
    """What a page depends on besides the acts that ask for it: its stage's version, and the day while days count."""
    if kind in ("home", "lists", "objections"):
        return day
    if kind != "notice" or version is None:
        return ""
    return f"{version}/{day}" if state in ("open", "paused") else f"{version}"


async def run_renderer(service: Service) -> None:
    """The background part of the service process."""
    await Renderer(service).run()
