"""Uploads in a real Chromium that do not go as they should; the one that is cut is part of the journey of a filing."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from services.submission.domain.evidence import LARGEST
from shared.web.act import TOKEN_COOKIE
from tests.browser.look import new_context
from tests.integration.submission.desk import Desk, Enterprise, good


@pytest.fixture(scope="module")
def window(desk: Desk) -> UUID:
    return desk.begin(desk.category())


@pytest.fixture
def one(desk: Desk) -> Enterprise:
    return desk.enterprise()


@pytest.fixture
def signed_in(browser: Browser, one: Enterprise, desk: Desk) -> Iterator[BrowserContext]:
    """The browser of the enterprise's person."""
    context = new_context(browser)
    token = desk.people.token("enterprise", account=uuid4(), acts_for=[UUID(one.enterprise_id)])
    context.add_cookies([{"name": TOKEN_COOKIE, "value": token, "url": desk.process.stack.birth.page_origin}])
    yield context
    context.close()


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
