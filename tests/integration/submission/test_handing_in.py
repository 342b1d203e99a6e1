"""Handing in without scripts: what stands in the fields goes along, is saved first, and is lost by no refusal."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.integration.servers import key
from tests.integration.submission.desk import API, FIGURES, PDF, Desk, Enterprise, Place, good
from tests.integration.submission.test_in_flight import Ended
from tests.integration.submission.test_pages import Browser


@pytest.fixture
def place(desk: Desk) -> Place:
    return desk.category()


@pytest.fixture
def window(desk: Desk, place: Place) -> UUID:
    return desk.begin(place)


@pytest.fixture
def one(desk: Desk) -> Enterprise:
    return desk.enterprise()


@pytest.fixture
def path(desk: Desk, one: Enterprise, window: UUID) -> str:
    """Where a complete draft is."""
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id)
    return f"/portal/applications/{case_id}"


@pytest.fixture
def browser(desk: Desk, one: Enterprise) -> Iterator[Browser]:
    found = Browser(desk, "enterprise", acts_for=(UUID(one.enterprise_id),))
    yield found
    found.client.close()


def case_of(one: Enterprise, path: str) -> dict[str, object]:
    found: dict[str, object] = good(one.client.get(API + path.removeprefix("/portal")))
    return found


def figure(one: Enterprise, path: str, name: str) -> object:
    figures = case_of(one, path)["figures"]
    assert isinstance(figures, dict)
    return figures[name]


def errors(page: str) -> list[str]:
    """What stands beside the fields."""
    return re.findall(r'<p class="error"[^>]*><span>(.*?)</span>', page)


def test_what_was_typed_and_not_saved_is_handed_in(one: Enterprise, path: str, browser: Browser) -> None:
    browser.open(path)

    page = browser.hand_in(path, confirmed="yes", revenue_this_year="2500.50")

    assert "提交回执" in page
    assert figure(one, path, "revenue_this_year") == "2500.5"
    assert figure(one, path, "titles_valid") == ["little_giant"], "what nobody touched stays"


def test_a_wrong_figure_comes_back_as_typed_beside_its_field_and_the_rest_is_kept(
    one: Enterprise, path: str, browser: Browser
) -> None:
    browser.open(path)

    page = browser.hand_in(path, status=422, confirmed="yes", revenue_this_year="两千", rd_expense_last_year="99")

    assert "有 1 处需要更正" in page
    assert [text for text in errors(page) if "应为数字" in text]
    assert 'value="两千"' in page
    assert re.search(r'name="confirmed" value="yes"[^>]* checked', page), "the tick stays"
    assert (case_of(one, path)["state"], figure(one, path, "rd_expense_last_year")) == ("draft", "99")

    assert "提交回执" in browser.hand_in(path, confirmed="yes", revenue_this_year="2000")


def test_without_the_statement_the_tick_is_asked_for_and_what_was_typed_is_kept(
    one: Enterprise, path: str, browser: Browser
) -> None:
    browser.open(path)

    page = browser.hand_in(path, status=422, revenue_this_year="2600")

    assert errors(page) == ["请确认申报承诺，或上传加盖公章的申报承诺书扫描件。"]
    assert 'href="#f-confirmed"' in page
    assert 'id="f-confirmed"' in page
    assert (case_of(one, path)["state"], figure(one, path, "revenue_this_year")) == ("draft", "2600")


def test_what_a_colleague_wrote_meanwhile_is_asked_about_before_anything_is_handed_in(
    desk: Desk, one: Enterprise, path: str, browser: Browser
) -> None:
    browser.open(path)
    case_id = path.rsplit("/", 1)[1]
    colleague = Enterprise(one.enterprise_id, one.name, desk.person("enterprise", acts_for=[UUID(one.enterprise_id)]))
    good(desk.enter(colleague, case_id, {"revenue_this_year": "2100"}))

    page = browser.hand_in(path, status=409, confirmed="yes", revenue_this_year="2200", rd_expense_last_year="98")

    assert "2100 万元" in page
    assert 'value="2200"' in page
    assert re.search(r'name="confirmed" value="yes"[^>]* checked', page)
    assert (case_of(one, path)["state"], figure(one, path, "revenue_this_year")) == ("draft", "2100")
    assert figure(one, path, "rd_expense_last_year") == "98"
    assert "提交回执" in browser.hand_in(path, confirmed="yes", revenue_this_year="2200")
    assert figure(one, path, "revenue_this_year") == "2200"


def test_saved_and_handed_in_are_judged_by_when_the_request_came(
    desk: Desk, one: Enterprise, window: UUID, path: str, browser: Browser
) -> None:
    shown = browser.open(path)
    ended = Ended(desk, "infra.stage", "stage_id", str(window))

    browser.hand_in(path, status=409, confirmed="yes", revenue_this_year="2700")
    assert figure(one, path, "revenue_this_year") == "2000", "too late to be saved, too"

    browser.client.headers["X-Request-Start"] = ended.before()["X-Request-Start"]
    browser.page = shown
    assert "提交回执" in browser.hand_in(path, confirmed="yes", revenue_this_year="2700")
    assert figure(one, path, "revenue_this_year") == "2700"


def test_pressed_twice_it_is_handed_in_once(one: Enterprise, path: str, browser: Browser) -> None:
    shown = browser.open(path)
    first = browser.hand_in(path, confirmed="yes", revenue_this_year="2500")
    browser.page = shown

    again = browser.hand_in(path, confirmed="yes", revenue_this_year="2500")

    number = re.search(r"案号 <b>([^<]+)</b>", first)
    assert number
    assert number[0] in again


def test_in_a_rectification_what_was_typed_goes_along_too(
    desk: Desk, place: Place, one: Enterprise, path: str, browser: Browser
) -> None:
    case_id = path.rsplit("/", 1)[1]
    good(desk.submit(one, case_id))
    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))
    browser.open(path)

    wrong = browser.hand_in(path, "resubmit", status=422, revenue_this_year="约两千")
    assert 'value="约两千"' in wrong
    browser.hand_in(path, "resubmit", revenue_this_year="2100")

    assert desk.state(one, case_id) == "accepted"
    assert desk.desk_case(case_id)["mended"][0]["after"] == "2100 万元"
    other = one.client.post(f"{path}/resubmit", headers=key())
    assert other.status_code == 403, "without the page's mark nothing is handed in"


def test_without_scripts_a_file_takes_along_what_was_typed_and_so_does_taking_it_out(
    one: Enterprise, path: str, browser: Browser
) -> None:
    browser.open(path)

    kept = along(browser, f"{path}/evidence", kind="audit_report", revenue_this_year="2700", file=("审计.pdf", PDF))
    refused = along(
        browser,
        f"{path}/evidence",
        status=422,
        kind="audit_report",
        page="十二",
        revenue_this_year="2800",
        file=("甲.pdf", PDF),
    )
    on_its_way = figure(one, path, "revenue_this_year")
    removes = re.search(rf'formaction="({path}/evidence/[0-9a-f-]+/remove)"', refused)
    assert removes
    gone = along(browser, removes[1], revenue_this_year="2900")

    assert "审计.pdf" in kept
    assert 'name="page" type="text" value="十二"' in refused
    assert on_its_way == "2800", "a refused file takes nothing back of what was typed"
    assert (figure(one, path, "revenue_this_year"), removes[1] in gone) == ("2900", False)


def along(browser: Browser, action: str, *, status: int = 200, file: Any = None, **typed: Any) -> str:
    """Press a button that belongs to the case's form and goes elsewhere, as a browser without scripts does."""
    own_key = re.search(rf'form="figures" formaction="{action}"[^>]* name="key" value="([^"]+)"', browser.page)
    assert own_key, f"no button for {action}"
    hidden = browser._hidden(f"{action.partition('/evidence')[0]}/figures")
    keys = {"key": [hidden["key"], own_key[1]]}
    data = {**hidden, **json.loads(hidden["seen"]), **typed, **keys}
    return browser._post(action, data, status, {"file": file} if file else None)
