"""A form while it is written, on the real service: kept as typed, merged between windows and people."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.servers import key
from tests.integration.submission.desk import API, Desk, Enterprise, good, refused
from tests.integration.submission.test_pages import Browser


def save(client: httpx.Client, case_id: str, *changes: tuple[str, str, str], since: int = 0) -> dict[str, Any]:
    """Send (field, was, now) as the page's script does."""
    body = {
        "changes": [{"field": field, "was": [was], "now": [now]} for field, was, now in changes],
        "since": since,
    }
    found: dict[str, Any] = good(client.patch(f"/portal/applications/{case_id}/draft", json=body, headers=key()))
    return found


@pytest.fixture
def one(desk: Desk) -> Enterprise:
    return desk.enterprise()


@pytest.fixture
def case_id(desk: Desk, one: Enterprise) -> str:
    return str(good(desk.open(one, desk.begin(desk.category())))["case_id"])


def test_what_is_typed_is_kept_field_by_field_and_wrong_values_as_they_were_typed(
    one: Enterprise, case_id: str
) -> None:
    told = save(one.client, case_id, ("revenue_this_year", "", "两千"), ("revenue_last_year", "", " 1800.50 "))

    assert told["fields"]["revenue_last_year"] == {"typed": ["1800.5"], "problem": None}
    assert told["fields"]["revenue_this_year"]["typed"] == ["两千"]
    assert "应为数字" in told["wrong"]["revenue_this_year"]
    case = good(one.client.get(f"{API}/applications/{case_id}"))
    assert case["figures"] == {"revenue_last_year": "1800.5"}
    page = one.client.get(f"/portal/applications/{case_id}", headers={"Accept": "text/html"}).text
    assert 'value="两千"' in page
    assert "有 1 处需要更正" in page


def test_what_stands_wrong_in_the_form_is_never_handed_in(desk: Desk, one: Enterprise, case_id: str) -> None:
    save(one.client, case_id, ("revenue_last_year", "", "很多"))

    problem = refused(desk.submit(one, case_id), 422, "incomplete")

    assert problem["problems"][0]["field"] == "revenue_last_year"
    assert [one["field"] for one in problem["problems"]].count("revenue_last_year") == 1


def test_two_people_write_different_fields_and_both_are_kept(desk: Desk, one: Enterprise, case_id: str) -> None:
    colleague = desk.person("enterprise", acts_for=[UUID(one.enterprise_id)])
    first = save(one.client, case_id, ("revenue_this_year", "", "2000"))

    second = save(colleague, case_id, ("revenue_last_year", "", "1800"))

    assert second["clashes"] == {}
    assert second["fields"]["revenue_this_year"]["typed"] == ["2000"], "what others wrote since is told"
    seen = good(one.client.get(f"/portal/applications/{case_id}/draft", params={"since": first["version"]}))
    assert set(seen["fields"]) == {"revenue_last_year"}


def test_the_same_field_is_asked_about_with_who_wrote_it_and_when(desk: Desk, one: Enterprise, case_id: str) -> None:
    colleague = desk.person("enterprise", acts_for=[UUID(one.enterprise_id)])
    save(one.client, case_id, ("revenue_this_year", "", "2000"))

    told = save(colleague, case_id, ("revenue_this_year", "", "2100"))

    clash = told["clashes"]["revenue_this_year"]
    assert (clash["theirs"], clash["shown"], clash["who"]) == (["2000"], "2000 万元", "贵企业的另一位经办人")
    assert clash["at"]
    assert save(one.client, case_id, ("revenue_this_year", "", "1900"))["clashes"]["revenue_this_year"][
        "who"
    ].startswith("您")
    settled = save(colleague, case_id, ("revenue_this_year", "2000", "2100"))
    assert (settled["clashes"], settled["fields"]["revenue_this_year"]["typed"]) == ({}, ["2100"])


def test_windows_that_save_at_once_lose_nothing(desk: Desk, one: Enterprise, case_id: str) -> None:
    fields = ["rd_expense_this_year", "rd_expense_last_year", "rd_expense_two_years_ago", "revenue_this_year"]
    windows = [desk.person("enterprise", acts_for=[UUID(one.enterprise_id)]) for _ in fields]
    with ThreadPoolExecutor(len(fields)) as pool:
        list(pool.map(lambda at: save(windows[at], case_id, (fields[at], "", str(at + 1))), range(len(fields))))

    case = good(one.client.get(f"{API}/applications/{case_id}"))

    assert {field: case["figures"][field] for field in fields} == {
        field: str(at + 1) for at, field in enumerate(fields)
    }


def test_a_repeated_save_is_answered_as_the_first_time(one: Enterprise, case_id: str) -> None:
    body = {"changes": [{"field": "revenue_this_year", "was": [], "now": ["7.50"]}], "since": 0}
    headers = {"Idempotency-Key": str(uuid4())}
    path = f"/portal/applications/{case_id}/draft"

    first, second = (good(one.client.patch(path, json=body, headers=headers)) for _ in range(2))
    later = good(one.client.patch(path, json=body, headers=key()))

    assert first == second
    assert (later["clashes"], later["version"]) == ({}, first["version"])


def test_a_field_that_is_not_the_applicants_is_refused(one: Enterprise, case_id: str) -> None:
    body = {"changes": [{"field": "intruder", "was": [], "now": ["1"]}]}

    answer = one.client.patch(f"/portal/applications/{case_id}/draft", json=body, headers=key())

    refused(answer, 422, "unknown_fact")


def test_in_a_rectification_only_the_named_fields_are_saved(desk: Desk, one: Enterprise) -> None:
    place = desk.category()
    case_id = desk.file(one, desk.begin(place))
    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))
    path = f"/portal/applications/{case_id}/draft"

    told = save(one.client, case_id, ("revenue_this_year", "2000", "2100"))
    other = one.client.patch(
        path, json={"changes": [{"field": "revenue_last_year", "was": ["1800"], "now": ["1"]}]}, headers=key()
    )

    assert told["fields"]["revenue_this_year"]["typed"] == ["2100"]
    refused(other, 422, "field_not_reopened")


def test_last_years_figures_are_offered_and_taken_over_with_one_click(desk: Desk, one: Enterprise) -> None:
    desk.file(one, desk.begin(desk.category(year=2024)))
    case_id = good(desk.open(one, desk.begin(desk.category(year=2025))))["case_id"]
    browser = Browser(desk, "enterprise", acts_for=(UUID(one.enterprise_id),))

    page = browser.open(f"/portal/applications/{case_id}")
    browser.send(
        f"/portal/applications/{case_id}/figures", revenue_last_year="", revenue_two_years_ago="", take_over="*"
    )

    assert "2024 年度申报所填：2000 万元" in page
    figures = good(one.client.get(f"{API}/applications/{case_id}"))["figures"]
    assert figures == {"revenue_last_year": "2000", "revenue_two_years_ago": "1800", "titles_valid": ["little_giant"]}
    browser.client.close()


@pytest.mark.parametrize(("windows", "rounds"), [(4, 8), pytest.param(8, 60, marks=pytest.mark.deep)])
def test_of_many_windows_writing_two_fields_none_overwrites_what_it_has_not_seen(
    desk: Desk, one: Enterprise, case_id: str, windows: int, rounds: int
) -> None:
    fields = ("revenue_this_year", "revenue_last_year")

    def write(window: int) -> list[tuple[str, str, str]]:
        """Type a number nobody else types into both fields, by turns; after a clash go on from what was shown."""
        person, seen, taken = (
            desk.person("enterprise", acts_for=[UUID(one.enterprise_id)]),
            dict.fromkeys(fields, ""),
            [],
        )
        for turn in range(rounds):
            field, now = fields[turn % 2], str(1 + window * rounds + turn)
            told = save(person, case_id, (field, seen[field], now))
            clash = told["clashes"].get(field)
            if clash is None:
                taken.append((field, seen[field], now))
            seen[field] = clash["theirs"][0] if clash else now
        return taken

    with ThreadPoolExecutor(windows) as pool:
        taken = [change for changes in pool.map(write, range(windows)) for change in changes]

    kept = good(one.client.get(f"{API}/applications/{case_id}"))["figures"]
    for field in fields:
        chain = {was: now for name, was, now in taken if name == field}
        assert len(chain) == sum(name == field for name, _, _ in taken), "two have overwritten the same value"
        assert (set(chain.values()) - set(chain)) == {kept[field]}, "what was taken last is kept"
