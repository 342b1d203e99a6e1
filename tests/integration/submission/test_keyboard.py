"""The screening desk in Chromium by keyboard alone, wide and narrow: from the queue to the decision."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from deploy.stack import Stack
from tests.browser.look import WIDTHS, looking, new_context
from tests.integration.submission.desk import Desk, Place, good

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def place(desk: Desk) -> Place:
    """A category in screening with a case for each width and one that stays open."""
    found = desk.category()
    window = desk.begin(found)
    cases = [desk.file(desk.enterprise(), window) for _ in range(len(WIDTHS) + 1)]
    desk.begin(found, "screening")
    good(desk.decide(cases[-1], "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))
    return found


@pytest.fixture
def officer(browser: Browser, desk: Desk, stack: Stack) -> Iterator[BrowserContext]:
    """Somebody of the office with a token as the sign-in gives it."""
    context = new_context(browser)
    token = desk.people.token("office", account=desk.office_id)
    context.add_cookies([{"name": "fb_token", "value": token, "url": stack.birth.page_origin}])
    yield context
    context.close()


def _focus(page: Page) -> str:
    """The text of what has the focus."""
    return str(page.evaluate("() => document.activeElement?.innerText ?? ''"))


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_case_is_decided_by_keyboard_alone(officer: BrowserContext, stack: Stack, place: Place, width: int) -> None:
    origin = stack.birth.page_origin
    queue = f"{origin}/screening/cases?category={place.category_id}&state=accepted"
    with looking(officer, queue, "desk-queue", width) as looked:
        page = looked.page
        looked.save()
        assert looked.check() == []
        page.keyboard.press("j")
        assert "NQ-2025-" in _focus(page)
        number = page.evaluate("() => document.activeElement.querySelector('th').innerText")
        page.keyboard.press("x")
        assert page.locator("tbody input:checked").count() == 1
        page.keyboard.press("Enter")
        page.wait_for_url("**/screening/cases/*-*")
        expect(page.get_by_role("heading", level=1)).to_contain_text(number)
        looked.name = "desk-case"
        looked.save()
        assert looked.check() == []
        points = page.locator("#checklist li").count()
        for point in range(points):
            with page.expect_navigation():
                page.keyboard.press(str(point + 1))
        expect(page.locator("#checklist").get_by_text("已核对", exact=True)).to_have_count(points)
        page.keyboard.press("d")
        _tab_to(page, "input[name=decision]")
        page.keyboard.press("Space")
        _tab_to(page, "form[action$='/decision'] button[type=submit]")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_text("初审通过").first).to_be_visible()
        looked.name = "desk-decided"
        looked.save()
        assert looked.check() == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["", "/cases", "/paper", "/imports"])
def test_every_page_of_the_desk_is_sound_and_reached_by_tab(
    officer: BrowserContext, stack: Stack, place: Place, name: str, width: int
) -> None:
    assert place
    with looking(
        officer, f"{stack.birth.page_origin}/screening{name}", f"desk{name.replace('/', '-')}", width
    ) as looked:
        looked.save()
        assert looked.check() == []
        assert looked.walk() == []


def test_single_keys_rest_while_text_is_typed_and_can_be_switched_off(
    officer: BrowserContext, stack: Stack, place: Place
) -> None:
    with looking(
        officer, f"{stack.birth.page_origin}/screening/cases?category={place.category_id}", "keys", 1280
    ) as looked:
        page = looked.page
        page.keyboard.press("/")
        page.keyboard.type("jx/b")
        assert page.locator("[data-key-search]").input_value() == "jx/b"
        page.locator("details.keys summary").focus()
        page.keyboard.press("Enter")
        page.locator("[data-key-switch]").focus()
        page.keyboard.press("Space")
        page.reload()
        page.keyboard.press("j")
        assert page.evaluate("() => document.activeElement === document.body")
