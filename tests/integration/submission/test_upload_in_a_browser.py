"""A 50 MB file in a real Chromium: the network is lost, the window is closed, the upload goes on and is finalised."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright

from services.submission.domain.evidence import LARGEST
from shared.kernel.canonical import digest_bytes
from shared.web.act import TOKEN_COOKIE
from shared.web.formats import digest_groups
from tests.browser.conftest import CHROMIUM
from tests.browser.look import SCREENSHOTS, new_context
from tests.integration.servers import People, eventually
from tests.integration.submission.desk import Desk, Enterprise, good
from tests.pdfs import large_pdf

SLOW = 12 * 1024 * 1024
"""Bytes a second: slow enough to be cut in the middle."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Debian package's Chromium."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: install the Debian package chromium", pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def window(desk: Desk) -> UUID:
    return desk.begin(desk.category())


@pytest.fixture
def one(desk: Desk) -> Enterprise:
    return desk.enterprise()


@pytest.fixture
def signed_in(browser: Browser, people: People, one: Enterprise, desk: Desk) -> Iterator[BrowserContext]:
    """The browser of the enterprise's person."""
    context = new_context(browser)
    token = people.token("enterprise", account=uuid4(), acts_for=[UUID(one.enterprise_id)])
    context.add_cookies([{"name": TOKEN_COOKIE, "value": token, "url": desk.process.stack.birth.page_origin}])
    yield context
    context.close()


def network(session: CDPSession, *, offline: bool, upload: int = SLOW) -> None:
    """The browser's network as a person's: slow, or gone."""
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload},
    )


def opened(context: BrowserContext, url: str, width: int, came: Counter[str]) -> tuple[Page, CDPSession]:
    """A window on the case, counting the parts that came through."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900 if width > 600 else 740})
    page.on(
        "requestfinished",
        lambda request: (
            came.update(parse_qs(urlsplit(request.url).query)["partNumber"])
            if request.method == "PUT" and "partNumber" in request.url
            else None
        ),
    )
    page.goto(url)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    network(session, offline=False)
    return page, session


def picture(page: Page, state: str, width: int) -> None:
    """Kept as an artefact."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"portal-upload-{state}-{width}.png", full_page=True)


def sent(page: Page, least: int) -> None:
    """Wait until so many bytes have gone."""
    bar = page.locator("form.card progress")
    eventually(lambda: bar.evaluate("bar => bar.value") > least, f"{least} bytes do not go through")


def wide(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.deep
@pytest.mark.parametrize("width", [1280, 360])
def test_50_mb_survive_a_lost_network_and_a_closed_window(
    signed_in: BrowserContext, one: Enterprise, desk: Desk, window: UUID, tmp_path: Path, width: int
) -> None:
    case_id = good(desk.open(one, window))["case_id"]
    url = f"{desk.process.stack.birth.page_origin}/portal/applications/{case_id}"
    content, came = large_pdf(LARGEST), Counter[str]()
    (tmp_path / "审计报告.pdf").write_bytes(content)
    page, session = opened(signed_in, url, width, came)

    page.get_by_label("文件", exact=True).set_input_files(tmp_path / "审计报告.pdf")
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_text("正在上传")).to_be_visible()
    sent(page, 9_000_000)
    network(session, offline=True)
    expect(page.get_by_text("网络中断，正在自动重试")).to_be_visible()
    picture(page, "cut", width)
    network(session, offline=False)
    sent(page, 25_000_000)
    page.get_by_role("button", name="暂停").click()
    expect(page.get_by_text("已暂停")).to_be_visible()
    picture(page, "paused", width)
    page.close()

    page, session = opened(signed_in, url, width, came)
    network(session, offline=False, upload=-1)
    expect(page.get_by_text("待上传")).to_be_visible()
    page.get_by_label("重新选择“审计报告.pdf”，从断开处继续").set_input_files(tmp_path / "审计报告.pdf")
    picture(page, "resume", width)
    page.get_by_role("button", name="继续上传").click()
    expect(page.get_by_text(digest_groups(digest_bytes(content)))).to_be_visible(timeout=30_000)
    expect(page.get_by_text("未查毒")).to_be_visible()
    page.get_by_text("预览", exact=False).first.click()
    shown = page.locator("details.preview img")
    shown.scroll_into_view_if_needed()
    eventually(lambda: shown.evaluate("image => image.naturalWidth") > 0, "the preview does not come")
    picture(page, "kept", width)

    assert set(came.values()) == {1}, "a part that had come was sent again"
    assert len(came) >= 5
    assert not wide(page)


def test_another_file_than_the_one_begun_is_not_taken_for_it(
    signed_in: BrowserContext, one: Enterprise, desk: Desk, window: UUID, tmp_path: Path
) -> None:
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.announce(one, case_id, size=LARGEST))
    (tmp_path / "审计报告.pdf").write_bytes(b"shorter")
    page = signed_in.new_page()
    page.goto(f"{desk.process.stack.birth.page_origin}/portal/applications/{case_id}")

    page.get_by_label("重新选择“审计报告.pdf”，从断开处继续").set_input_files(tmp_path / "审计报告.pdf")
    page.get_by_role("button", name="继续上传").click()

    expect(page.get_by_text("请选择原来的文件“审计报告.pdf”（50.0 MB）")).to_be_visible()


def test_a_small_file_goes_in_one_piece_and_a_refusal_is_said_at_once(
    signed_in: BrowserContext, one: Enterprise, desk: Desk, window: UUID, tmp_path: Path
) -> None:
    case_id = good(desk.open(one, window))["case_id"]
    (tmp_path / "审计报告.pdf").write_bytes(b"MZ no pdf")
    page = signed_in.new_page()
    page.goto(f"{desk.process.stack.birth.page_origin}/portal/applications/{case_id}")

    page.get_by_label("文件", exact=True).set_input_files(tmp_path / "审计报告.pdf")
    page.get_by_role("button", name="上传", exact=True).click()

    expect(page.get_by_text("文件内容与扩展名“pdf”不符")).to_be_visible()
    expect(page.get_by_role("button", name="上传", exact=True)).to_be_enabled()
