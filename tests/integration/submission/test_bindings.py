"""Which figures a kept file shows, and where, is put right without sending the file again."""

import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.servers import key
from tests.integration.submission.desk import API, FIGURES, Desk, Enterprise, good, refused
from tests.integration.submission.test_pages import Browser


@pytest.fixture(scope="module")
def window(desk: Desk) -> UUID:
    return desk.begin(desk.category())


@pytest.fixture
def one(desk: Desk) -> Enterprise:
    return desk.enterprise()


@pytest.fixture
def case_id(desk: Desk, one: Enterprise, window: UUID) -> str:
    return str(good(desk.open(one, window))["case_id"])


def bind(one: Enterprise, case_id: str, evidence_id: str, *bindings: tuple[str, int | None]) -> httpx.Response:
    body = {"bindings": [{"figure": figure, "page": page} for figure, page in bindings]}
    return one.client.put(f"{API}/applications/{case_id}/evidence/{evidence_id}/bindings", json=body, headers=key())


def acts(one: Enterprise) -> tuple[UUID, ...]:
    return (UUID(one.enterprise_id),)


def bound(view: dict[str, Any]) -> list[tuple[str, int | None]]:
    return [(each["figure"], each["page"]) for each in view["bound"]]


def test_a_file_of_a_draft_shows_other_figures_and_stays_the_same_file(
    desk: Desk, one: Enterprise, case_id: str
) -> None:
    kept = desk.attach(one, case_id, figures=["revenue_this_year"], page=1)

    now = good(bind(one, case_id, kept["evidence_id"], ("rd_expense_this_year", 1), ("revenue_last_year", None)))
    again = good(bind(one, case_id, kept["evidence_id"], ("rd_expense_this_year", 1), ("revenue_last_year", None)))

    assert bound(now) == [("rd_expense_this_year", 1), ("revenue_last_year", None)] == bound(again)
    assert [now[same] for same in ("version_id", "sha256", "edition")] == [kept["version_id"], kept["sha256"], 1]
    rows = desk.person("auditor").get(f"{API}/audit", params={"case_id": case_id, "action": "evidence.bound"}).json()
    assert [(row["details"]["before"], row["details"]["after"]) for row in rows] == [
        ({"revenue_this_year": 1}, {"rd_expense_this_year": 1, "revenue_last_year": None})
    ]


def test_a_page_or_figure_that_is_not_there_is_refused_and_nothing_changes(
    desk: Desk, one: Enterprise, case_id: str
) -> None:
    kept = desk.attach(one, case_id, figures=["revenue_this_year"], page=1)

    refused(bind(one, case_id, kept["evidence_id"], ("revenue_this_year", 2)), 422, "evidence_page")
    refused(bind(one, case_id, kept["evidence_id"], ("invented", 1)), 422, "unknown_fact")
    refused(bind(one, case_id, str(uuid4()), ("revenue_this_year", 1)), 404, "not_found")
    stranger = desk.enterprise()
    refused(bind(stranger, case_id, kept["evidence_id"], ("revenue_this_year", 1)), 404, "not_found")

    assert bound(good(one.client.get(f"{API}/applications/{case_id}"))["evidence"][0]) == [("revenue_this_year", 1)]


def test_once_handed_in_only_what_a_rectification_reopens_may_be_bound_otherwise(desk: Desk, one: Enterprise) -> None:
    place = desk.category()
    window = desk.begin(place)
    case_id = str(good(desk.open(one, window))["case_id"])
    good(desk.enter(one, case_id, FIGURES))
    kept = desk.attach(one, case_id, figures=["revenue_this_year"])["evidence_id"]
    good(desk.submit(one, case_id))
    refused(bind(one, case_id, kept), 409, "case_state")

    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "请注明所在页"}]))
    refused(bind(one, case_id, kept, ("revenue_this_year", 1), ("revenue_last_year", 1)), 422, "field_not_reopened")

    assert bound(good(bind(one, case_id, kept, ("revenue_this_year", 1)))) == [("revenue_this_year", 1)]


def test_the_form_of_the_page_puts_a_binding_right(desk: Desk, one: Enterprise, case_id: str) -> None:
    kept = desk.attach(one, case_id, figures=["revenue_this_year"], page=1)
    path = f"/portal/applications/{case_id}"
    form, browser = f"{path}/evidence/{kept['evidence_id']}/bindings", Browser(desk, "enterprise", acts_for=acts(one))

    browser.open(path)
    wrong = browser.send(form, status=422, figure=["revenue_this_year", ""], page=["two", ""])
    browser.open(path)
    page = browser.send(form, figure=["", "revenue_last_year"], page=["1", "1"])
    browser.client.close()

    assert "所在页应为页码" in wrong
    assert re.search(r"所证明的数据：[^<]*（第1页）", page)
    assert bound(good(one.client.get(f"{API}/applications/{case_id}"))["evidence"][0]) == [("revenue_last_year", 1)]
