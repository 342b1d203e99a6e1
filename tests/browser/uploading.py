"""A file on its way in a real browser: the network is lost and comes back, the window is closed, the upload goes on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Request, Route, expect

from shared.kernel.canonical import digest_bytes
from shared.web.formats import digest_groups
from tests.integration.servers import eventually


@dataclass
class Line:
    """A person's line to the file origin; ``came``: how often each part of a file came through it."""

    came: Counter[str] = field(default_factory=Counter)
    held: list[Route] = field(default_factory=list)
    lost: bool = False

    def watch(self, page: Page, *, slow: bool = False) -> None:
        """Count what a window sends; a slow line is one on which the first part comes and the others are on the way."""
        page.on("requestfinished", self._note)
        if slow:
            page.route(lambda url: "partNumber=" in url, self._hold)

    def lose(self, page: Page) -> None:
        """The network is gone: what is on the way, or sets out now, does not come."""
        page.context.set_offline(True)
        self.lost = True
        for route in self.held:
            route.continue_()
        self.held.clear()

    def back(self, page: Page) -> None:
        """The network is there again, as slow as before."""
        self.lost = False
        page.context.set_offline(False)

    def _hold(self, route: Route) -> None:
        if self.lost or _part(route.request) == "1":
            route.continue_()
        else:
            self.held.append(route)

    def _note(self, request: Request) -> None:
        if request.method == "PUT" and "partNumber=" in request.url:
            self.came[_part(request)] += 1


def _part(request: Request) -> str:
    return parse_qs(urlsplit(request.url).query)["partNumber"][0]


def upload_through_a_cut(window: Callable[[], Page], file: Path, look: Callable[[Page, str], None]) -> Page:
    """Upload a file of several parts from a case's page (``window`` opens it) through a lost network and a closed
    window; ``look`` sees each state. Returns the page, which shows the file as kept."""
    line = Line()
    _begin(window(), line, file, look)

    page = window()
    line.watch(page)
    expect(page.get_by_text("待上传")).to_be_visible()
    page.get_by_label(f"重新选择“{file.name}”，从断开处继续").set_input_files(file)
    look(page, "upload-resume")
    page.get_by_role("button", name="继续上传").click()
    kept = digest_groups(digest_bytes(file.read_bytes()))
    expect(page.get_by_text(kept)).to_be_visible()
    expect(page.get_by_text("未查毒")).to_be_visible()
    assert len(line.came) > 2, "the file does not go in parts"
    assert set(line.came.values()) == {1}, "a part that had come was sent again"
    return page


def _begin(page: Page, line: Line, file: Path, look: Callable[[Page, str], None]) -> None:
    """Begin; when a part has come, lose the network; have it again, pause, and close the window."""
    line.watch(page, slow=True)
    page.locator("#f-figure").select_option("revenue_this_year")
    page.get_by_label("文件", exact=True).set_input_files(file)
    page.get_by_role("button", name="上传", exact=True).click()
    bar = page.locator("form.card progress")
    said = page.locator("form.card [data-progress] [role=status]")
    eventually(lambda: bar.evaluate("bar => bar.value") > 0 and line.came and line.held, "no part comes")
    line.lose(page)
    expect(said).to_have_text("网络中断，正在自动重试")
    look(page, "upload-cut")
    line.back(page)
    expect(said).to_have_text("正在上传")
    page.get_by_role("button", name="暂停").click()
    expect(said).to_have_text("已暂停")
    look(page, "upload-paused")
    page.close()
