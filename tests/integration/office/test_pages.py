"""Office's pages as a browser without scripts uses them."""

import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.integration.office.neighbours import Office


@pytest.fixture
def browser(office: Office) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=office.client.base_url, headers={"Accept": "text/html"}, follow_redirects=True, timeout=20
    ) as client:
        yield client


def sign_in(browser: httpx.Client, office: Office, login: str, to: str = "/office") -> httpx.Response:
    office.half_minute_passed(login)
    form = {"login": login, "password": office.password, "next": to}
    asked = browser.post("/account/sign-in", data=form)
    if asked.url.path != "/account/code":
        return asked
    return browser.post("/account/code", data={"code": office.code(login), "next": hidden(asked.text, "next")})


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_page_asks_to_sign_in_and_comes_back(browser: httpx.Client, office: Office) -> None:
    asked = browser.get("/office/notices")
    page = sign_in(browser, office, "office1", "/office/notices")

    assert asked.url.path == "/account/sign-in"
    assert hidden(asked.text, "next") == "/office/notices"
    assert (page.url.path, page.status_code) == ("/office/notices", 200)


def test_an_expired_token_is_renewed_by_the_session_behind_the_page(browser: httpx.Client, office: Office) -> None:
    sign_in(browser, office, "office1")
    browser.cookies.delete("fb_token")

    page = browser.get("/office")

    assert (page.url.path, page.status_code, len(page.history)) == ("/office", 200, 2)


def test_a_wrong_code_stands_beside_its_field(browser: httpx.Client, office: Office) -> None:
    browser.post("/account/sign-in", data={"login": "office2", "password": office.password})

    page = browser.post("/account/code", data={"code": "12 34 56 7"})

    assert page.status_code == 401
    assert 'id="f-code-error"' in page.text
    sign_in(browser, office, "office2")


def test_an_unfinished_sign_in_opens_no_page(browser: httpx.Client, office: Office) -> None:
    browser.post("/account/sign-in", data={"login": "office2", "password": office.password})

    assert browser.get("/office").url.path == "/account/sign-in"
    assert browser.get("/account/enrolment").url.path == "/account/code"


def test_an_act_that_wants_a_fresh_proof_leads_to_it(browser: httpx.Client, office: Office) -> None:
    sign_in(browser, office, "office1", "/account")
    office.change("UPDATE account_session SET auth_time = auth_time - interval '11 minutes'")
    browser.cookies.delete("fb_token")
    page = browser.get("/account")
    form = {"csrf": hidden(page.text, "csrf"), "key": hidden(page.text, "key"), "password": "harbour lantern 47 kites"}

    refused = browser.post(
        "/account/password", data=form, headers={"Referer": str(office.client.base_url.join("/account"))}
    )
    asked = browser.get("/account/prove?next=/account")
    office.half_minute_passed("office1")
    proof = {"password": office.password, "code": office.code("office1"), "next": "/account"}
    proved = browser.post("/account/prove", data=proof)

    assert refused.status_code == 422
    assert "/account/prove?next=%2Faccount" in refused.text
    assert 'name="code"' in asked.text
    assert proved.url.path == "/account"


def test_a_wrong_password_stands_beside_the_form(browser: httpx.Client) -> None:
    page = browser.post("/account/sign-in", data={"login": "office1x", "password": "wrong password"})

    assert page.status_code == 401
    assert "账号或密码不正确" in page.text


def test_a_sign_in_form_from_elsewhere_is_refused(browser: httpx.Client, office: Office) -> None:
    form = {"login": "office1", "password": office.password}

    page = browser.post("/account/sign-in", data=form, headers={"Origin": "https://elsewhere.example"})

    assert page.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/office",
        "/office/cycles/new",
        "/office/tickets",
        "/office/calendar",
        "/office/notices",
        "/office/accounts",
        "/office/ledger",
        "/office/operations",
        "/account",
    ],
)
def test_every_page_opens_and_is_marked_as_a_rehearsal(browser: httpx.Client, office: Office, path: str) -> None:
    sign_in(browser, office, "office1")

    page = browser.get(path)

    assert page.status_code == 200
    assert "本系统正在演练" in page.text


def test_a_year_is_opened_from_a_page_and_refusals_stand_beside_their_field(
    browser: httpx.Client, office: Office
) -> None:
    sign_in(browser, office, "office1")
    form = browser.get("/office/cycles/new").text
    filled = {
        "csrf": hidden(form, "csrf"),
        "key": hidden(form, "key"),
        "rulebook": "little-giant-performance",
        "year": "2027",
        "title": f"从页面启动 {uuid4().hex[:6]}",
    }

    refused = browser.post("/office/cycles/new", data=filled)
    opened = browser.post("/office/cycles/new", data={**filled, "accept_unconfirmed_reason": "演练"})

    assert refused.status_code == 422
    assert 'id="f-accept_unconfirmed_reason-error"' in refused.text
    assert (opened.status_code, opened.url.path.startswith("/office/cycles/")) == (200, True)
    assert "从页面启动" in browser.get("/office").text


def test_a_form_without_its_csrf_value_is_refused(browser: httpx.Client, office: Office) -> None:
    sign_in(browser, office, "office1")

    page = browser.post(
        "/office/cycles/new", data={"csrf": "x", "key": "k", "rulebook": "r", "year": "2026", "title": "t"}
    )

    assert page.status_code == 403


def test_a_refusal_is_a_page_with_an_id_to_quote(browser: httpx.Client, office: Office) -> None:
    sign_in(browser, office, "auditor1")

    page = browser.get("/office/calendar")

    assert page.status_code == 403
    assert "如需咨询，请提供编号" in page.text


def test_a_second_person_confirms_on_a_page(browser: httpx.Client, office: Office) -> None:
    body = {"act": "release.confirm", "digest": "d" * 64, "subject": "从页面复核"}
    ticket = office.post("office2", "/api/office/tickets", body).json()["ticket_id"]
    sign_in(browser, office, "office1")
    page = browser.get("/office/tickets").text
    card = page[page.index(f"ticket-{ticket}") :]

    browser.post(
        f"/office/tickets/{ticket}/confirm", data={"csrf": hidden(card, "csrf"), "key": hidden(card, "key")}
    ).raise_for_status()

    assert office.get("office2", f"/api/office/tickets/{ticket}").json()["state"] == "confirmed"
