"""Public pages and the office's pages in Chromium, wide and narrow: sound, reachable by keyboard, nothing inline."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from deploy.stack import Stack
from tests.browser.conftest import NAMES
from tests.browser.look import WIDTHS, looking, new_context
from tests.integration.office.neighbours import Office
from tests.integration.office.running import running

PUBLIC = {
    "home": "/",
    "programmes": "/programmes",
    "lists": "/lists",
    "notice": "/lists/{notice}",
    "objections": "/objections",
    "object": "/objections/new?stage={notice}",
    "results": "/results",
    "votes": "/votes",
    "verify": "/verify",
    "sign-in": "/account/sign-in",
    "receipt-check": "/portal/receipts?number=NQ-2025-001&digest=00&at=2026",
    "register": "/account/register",
    "invitation": "{invitation}",
    "recovery": "{recovery}",
}
OFFICE = {
    "overview": "/office",
    "new-cycle": "/office/cycles/new",
    "cycle": "/office/cycles/{cycle}",
    "running-cycle": "/office/cycles/{running_cycle}",
    "plan": "/office/cycles/{cycle}/plan",
    "change-extend": "/office/stages/{running_stage}/change?change=extend&days=3",
    "change-pause": "/office/stages/{running_stage}/change?change=pause",
    "change-cancel": "/office/stages/{running_stage}/change?change=cancel",
    "tickets": "/office/tickets",
    "rules": "/office/rules",
    "rulebook": "/office/rules/qingdao-economic-achievements",
    "notices": "/office/notices",
    "calendar": "/office/calendar",
    "calendar-year": "/office/calendar/years/2026?stage={running_stage}",
    "deliveries": "/office/deliveries",
    "registrations": "/office/registrations",
    "handovers": "/office/handovers",
    "accounts": "/office/accounts",
    "own-account": "/account",
    "ledger": "/office/ledger",
    "operations": "/office/operations",
    "manage-lists": "/lists/manage",
}
LOOKED_AT = (WIDTHS[0], pytest.param(WIDTHS[1], marks=pytest.mark.deep))
"""Landing looks at a page in a wide window and whether it fits a phone's; all of it on a phone is deep."""


@pytest.fixture(scope="module")
def cycle(office: Office) -> str:
    """A cycle that has just been opened; its first stage waits for the call's posting."""
    return str(office.open_cycle("演练年度", "qingdao-economic-achievements", "new_quality_pioneer")["cycle_id"])


@pytest.fixture(scope="module")
def places(stack: Stack, office: Office, notice: UUID, cycle: str) -> Mapping[str, str]:
    """What stands in the addresses."""
    running_cycle, stage = running(office, stack, "演练进行中", date(2026, 1, 12))
    return {
        "origin": stack.birth.page_origin,
        "notice": str(notice),
        "cycle": cycle,
        "running_cycle": running_cycle["cycle_id"],
        "running_stage": stage["stage_id"],
        "invitation": invited(office),
        "recovery": recovering(office),
    }


def invited(office: Office) -> str:
    """Where an invitation leads."""
    body = {"display_name": "演练媒体", "roles": ["media"]}
    found = office.post("security1", "/api/office/invitations", body).raise_for_status().json()
    return urlsplit(found["url"]).path


def recovering(office: Office) -> str:
    """Where somebody who lost the password is led."""
    account = office.member("media")["account_id"]
    found = office.post("security1", f"/api/office/accounts/{account}/recover", {"reason": "演练"})
    return urlsplit(found.raise_for_status().json()["url"]).path


@pytest.fixture(scope="module")
def officer(browser: Browser, stack: Stack, office: Office, cycle: str) -> Iterator[BrowserContext]:
    """Somebody of the office, signed in through the pages with password and code."""
    assert cycle
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{stack.birth.page_origin}/account/sign-in?next=/office")
    page.get_by_label("账号").fill("office1")
    page.get_by_label("密码").fill(stack.keys.seed_password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/account/code")
    office.half_minute_passed("office1")
    page.get_by_label("动态口令").fill(office.code("office1"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/office")
    page.close()
    yield context
    context.close()


@pytest.mark.parametrize("width", LOOKED_AT)
@pytest.mark.parametrize("name", PUBLIC)
def test_public_page(visitor: BrowserContext, places: Mapping[str, str], name: str, width: int) -> None:
    with looking(visitor, places["origin"] + PUBLIC[name].format(**places), f"public-{name}", width) as looked:
        looked.save()
        assert looked.check() == []
        assert looked.walk() == []
        assert looked.narrowed() == []
        looked.save()


@pytest.mark.parametrize("width", LOOKED_AT)
@pytest.mark.parametrize("name", OFFICE)
def test_office_page(officer: BrowserContext, places: Mapping[str, str], name: str, width: int) -> None:
    with looking(officer, places["origin"] + OFFICE[name].format(**places), f"office-{name}", width) as looked:
        looked.save()
        assert looked.check() == []
        assert looked.walk() == []
        assert looked.narrowed() == []
        looked.save()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_second_factor_is_enrolled_at_the_first_sign_in(
    browser: Browser, office: Office, places: Mapping[str, str], width: int
) -> None:
    member = office.member("department")
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{places['origin']}/account/sign-in")
    page.get_by_label("账号").fill(member["login"])
    page.get_by_label("密码").fill(member["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == "/account/enrolment")

    with looking(context, f"{places['origin']}/account/enrolment", "account-enrolment", width) as looked:
        looked.save()
        assert looked.check() == []
        assert looked.walk() == []
    context.close()


def test_the_notice_shows_every_entry_the_counted_days_and_how_to_object(
    visitor: BrowserContext, places: Mapping[str, str]
) -> None:
    with looking(visitor, f"{places['origin']}/lists/{places['notice']}", "notice", 1280) as looked:
        for name in NAMES:
            expect(looked.page.get_by_text(name, exact=True)).to_be_visible()
        body = looked.page.inner_text("body")

    assert "公示" in body
    assert "工作日" in body
    assert "异议" in body


def test_the_notice_is_read_without_scripts(browser: Browser, places: Mapping[str, str]) -> None:
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{places['origin']}/lists/{places['notice']}")

    expect(page.get_by_text(NAMES[0], exact=True)).to_be_visible()
    context.close()


def test_the_overview_names_the_category_its_stage_and_who_is_waited_for(
    officer: BrowserContext, places: Mapping[str, str]
) -> None:
    with looking(officer, f"{places['origin']}/office", "overview", 1280) as looked:
        body = looked.page.inner_text("main")

    assert "新质领航企业" in body
    assert "申报" in body


def test_a_refused_form_of_the_office_comes_back_on_its_page_with_what_was_typed(
    officer: BrowserContext, places: Mapping[str, str]
) -> None:
    with looking(officer, f"{places['origin']}/office/deliveries", "office-refused", 1280) as looked:
        reason = looked.page.get_by_label("理由")
        reason.evaluate("input => input.removeAttribute('maxlength')")
        reason.fill("邮件服务器维护。" * 80)
        looked.page.get_by_role("button", name="全部暂停").click()

        expect(looked.page.locator(".field.wrong .error")).to_have_text("内容过长。")
        expect(looked.page.get_by_text("有 1 处需要更正")).to_be_visible()
        expect(reason).to_have_value("邮件服务器维护。" * 80)
        looked.save()
        assert looked.barriers() == []
        assert looked.narrowed() == []
        looked.page.get_by_role("link", name="内容过长。").click()
        expect(reason).to_be_focused()


def test_a_form_that_is_refused_on_a_page_of_its_own_comes_back_as_it_was_typed(
    officer: BrowserContext, places: Mapping[str, str]
) -> None:
    page = officer.new_page()
    page.goto(f"{places['origin']}/office/deliveries")
    reason = page.locator("form[action$='/hold'] input[name=reason]")
    page.locator("form[action$='/hold'] input[name=csrf]").evaluate("input => { input.value = 'of an older session'; }")
    reason.fill("邮件服务器维护")

    page.get_by_role("button", name="全部暂停").click()
    expect(page.get_by_text("页面已过期，请刷新后重试。")).to_be_visible()
    page.get_by_role("link", name="回到刚才的页面").click()

    expect(reason).to_have_value("邮件服务器维护")
    expect(reason).to_be_focused()
    page.reload()
    expect(reason).to_have_value("")
    page.close()


def test_a_stranger_is_led_to_the_sign_in(visitor: BrowserContext, places: Mapping[str, str]) -> None:
    with looking(visitor, f"{places['origin']}/office", "stranger", 1280) as looked:
        assert "/account/sign-in" in looked.page.url
        expect(looked.page.get_by_label("密码")).to_be_visible()


def test_a_page_that_is_not_there_says_so_in_words(visitor: BrowserContext, places: Mapping[str, str]) -> None:
    page = visitor.new_page()
    answer = page.goto(f"{places['origin']}/lists/{UUID(int=9)}")

    assert answer is not None
    assert answer.status == 404
    assert "没有" in page.inner_text("main")
    page.close()


def test_screenshots_lie_in_the_build_folder() -> None:
    folder = Path(__file__).parents[2] / "build" / "screenshots"

    assert {path.name for path in folder.glob("*.png")} >= {f"public-notice-{width}.png" for width in WIDTHS}
