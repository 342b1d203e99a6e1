"""Office's pages as a browser without scripts uses them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import derived_id
from tests.imports import import_rows, take_over
from tests.integration.office.neighbours import PASSWORD, Office
from tests.lists import check_lists


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


def test_a_form_whose_token_has_expired_arrives_as_it_was_sent(browser: httpx.Client, office: Office) -> None:
    sign_in(browser, office, "office1", "/account")
    page = browser.get("/account")
    form = {"csrf": hidden(page.text, "csrf"), "key": hidden(page.text, "key"), "password": "短"}
    browser.cookies.delete("fb_token")

    arrived = browser.post("/account/password", data=form)

    assert [answer.status_code for answer in arrived.history] == [307, 307]
    assert (arrived.url.path, arrived.status_code, arrived.request.method) == ("/account/password", 422, "POST")


def test_a_form_without_a_session_leads_to_the_sign_in_and_back_to_its_page(
    browser: httpx.Client, office: Office
) -> None:
    before = str(office.client.base_url.join("/account"))

    asked = browser.post("/account/password", data={"password": "短"}, headers={"Referer": before})

    assert asked.url.path == "/account/sign-in"
    assert hidden(asked.text, "next") == "/account"


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
        "/office/registrations",
        "/office/handovers",
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
    assert 'id="f-accept_unconfirmed_reason-office-cycles-new-error"' in refused.text
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

    page = browser.get("/office/cycles/new")

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


def registrant() -> dict[str, str]:
    return {
        "credit_code": make_credit_code(f"91370202MA3{uuid4().int % 10**6:06d}"),
        "name": f"演练企业{uuid4().hex[:6]}",
        "contact": "演练联系人",
        "mobile": "13800000000",
        "email": "firm@example.com",
    }


def test_an_enterprise_registers_follows_and_sets_up_its_account_on_pages(
    browser: httpx.Client, office: Office
) -> None:
    given, login = registrant(), f"firm-{uuid4().hex[:8]}"
    form = {**given, "key": hidden(browser.get("/account/register").text, "key")}

    wrong = browser.post("/account/register", data={**form, "mobile": "123", "email": "x"})
    asked = browser.post("/account/register", data={**form, "key": hidden(wrong.text, "key")})
    follow = asked.url.path
    with httpx.Client(base_url=office.client.base_url, headers={"Accept": "text/html"}, follow_redirects=True) as desk:
        sign_in(desk, office, "office1")
        page = desk.get("/office/registrations").text
        card = page[: page.index("/confirm", page.index(given["credit_code"]))]
        path = card[card.rindex("/office/registrations/") :] + "/confirm"
        desk.post(path, data={"csrf": hidden(page, "csrf"), "key": uuid4().hex}).raise_for_status()
    set_up = re.search(r'href="[^"]*(/account/invitation/[^"]+)"', browser.get(follow).text)
    assert set_up is not None
    refused = browser.post(set_up[1], data={"login": login, "password": "short"})
    done = browser.post(set_up[1], data={"login": login, "password": PASSWORD})

    assert (wrong.status_code, 'id="f-mobile-error"' in wrong.text, given["name"] in wrong.text) == (422, True, True)
    assert "有 2 处需要更正" in wrong.text
    assert "等待办公室确认" in asked.text
    assert (refused.status_code, 'id="f-password-error"' in refused.text) == (422, True)
    assert (done.url.path, "密码已设置" in done.text) == ("/account/sign-in", True)
    assert office.sign_in(login, PASSWORD).json()["token"] is not None


def test_an_enterprise_invites_a_colleague_on_its_page(browser: httpx.Client, office: Office) -> None:
    code = registrant()["credit_code"]
    firm = office.member("enterprise", enterprises=[code])
    browser.post("/account/sign-in", data={"login": firm["login"], "password": PASSWORD})
    page = browser.get("/account/enterprises").text
    path = f"/account/enterprises/{derived_id('enterprise', code)}/people"

    invited = browser.post(
        path, data={"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "display_name": "演练同事"}
    )

    assert firm["login"] in page
    assert "/account/invitation/" in invited.text


def test_the_security_administrator_invites_and_manages_on_pages(browser: httpx.Client, office: Office) -> None:
    sign_in(browser, office, "security1")
    form = browser.get("/office/invitations/new").text
    given = {"csrf": hidden(form, "csrf"), "display_name": "演练专家", "roles": "expert"}

    wrong = browser.post("/office/invitations/new", data={**given, "key": uuid4().hex})
    made = browser.post("/office/invitations/new", data={**given, "key": uuid4().hex, "login": f"e-{uuid4().hex[:6]}"})
    member = office.member("media")
    account = browser.get(f"/office/accounts/{member['account_id']}")
    hidden_fields = {"csrf": hidden(account.text, "csrf"), "key": uuid4().hex, "reason": "演练"}
    recovered = browser.post(f"/office/accounts/{member['account_id']}/recover", data=hidden_fields)
    link = re.search(r"/account/recovery/[\w=-]+", recovered.text)
    assert link
    with httpx.Client(base_url=browser.base_url, headers={"Accept": "text/html"}, timeout=20) as stranger:
        alive, short = stranger.get(link[0]), stranger.post(link[0], data={"password": "短"})
        revoked = browser.post(
            f"/office/accounts/{member['account_id']}/revoke", data={**hidden_fields, "key": uuid4().hex}
        )
        dead, forged = stranger.get(link[0]), stranger.get("/account/recovery/none")

    assert (wrong.status_code, 'id="f-login-office-invitations-new-error"' in wrong.text) == (422, True)
    assert "/account/invitation/" in made.text
    assert member["login"] in account.text
    assert (alive.status_code, short.status_code) == (200, 422)
    assert 'id="f-password-error"' in short.text
    assert "已停用" in revoked.text
    assert [page.status_code for page in (dead, forged)] == [404, 404], "refused before anything is typed"
    assert all("请联系安全管理员重新发出" in page.text for page in (dead, forged)), "and alike"
    assert 'name="password"' not in dead.text


def test_work_is_handed_over_on_a_page(browser: httpx.Client, office: Office) -> None:
    sign_in(browser, office, "office1")
    page = browser.get("/office/handovers").text
    deputy = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>办公室乙', page)
    assert deputy is not None
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    form = {"csrf": hidden(page, "csrf"), "to_account": deputy[1], "last_day": day, "reason": "出差三天"}

    past = browser.post("/office/handovers", data={**form, "key": uuid4().hex, "last_day": "2020-01-01"})
    handed = browser.post("/office/handovers", data={**form, "key": uuid4().hex})
    path = re.search(r"/office/handovers/[0-9a-f-]{36}/end", handed.text)
    assert path is not None
    back = browser.post(path[0], data={"csrf": form["csrf"], "key": uuid4().hex})

    assert past.status_code == 422
    assert 'id="f-last_day-office-handovers-error"' in past.text
    assert 'value="出差三天"' in past.text
    assert "出差三天" in handed.text
    assert "出差三天" not in back.text


def test_a_declined_and_a_withdrawn_ticket_are_shown_to_their_asker(browser: httpx.Client, office: Office) -> None:
    subjects = {"declined": f"退回{uuid4().hex[:6]}", "withdrawn": f"撤回{uuid4().hex[:6]}"}
    tickets = {}
    for name, subject in subjects.items():
        body = {"act": "release.confirm", "digest": "e" * 64, "subject": subject}
        tickets[name] = office.post("office1", "/api/office/tickets", body).json()["ticket_id"]
    declined = office.post("office2", f"/api/office/tickets/{tickets['declined']}/decline", {"reason": "名单有误"})
    sign_in(browser, office, "office1")
    page = browser.get("/office/tickets").text
    card = page[page.index(f"ticket-{tickets['withdrawn']}") :]

    form = {"csrf": hidden(card, "csrf"), "key": hidden(card, "key"), "reason": "重新拟定"}
    after = browser.post(f"/office/tickets/{tickets['withdrawn']}/decline", data=form).text
    past = after[after.index("我申请和办理过的") :]

    assert declined.status_code == 200
    assert [word in past for word in ("名单有误", "已退回", "重新拟定", "已撤回", *subjects.values())] == [True] * 6


def test_confirming_and_declining_are_audited(office: Office) -> None:
    asked = [
        office.post(
            "office1", "/api/office/tickets", {"act": "release.confirm", "digest": "f" * 64, "subject": "演练"}
        ).json()["ticket_id"]
        for _ in range(2)
    ]
    office.post("office2", f"/api/office/tickets/{asked[0]}/confirm").raise_for_status()
    office.post("office2", f"/api/office/tickets/{asked[1]}/decline", {"reason": "有误"}).raise_for_status()
    rows, after = [], 0
    while page := office.get("auditor1", "/api/office/audit", params={"after": after}).json():
        rows, after = rows + page, page[-1]["id"]

    done = [(row["details"]["ticket"], row["action"]) for row in rows if row["details"].get("ticket") in asked]

    assert sorted(done) == sorted(
        [(one, "ticket.asked") for one in asked] + [(asked[0], "ticket.confirmed"), (asked[1], "ticket.declined")]
    )


def test_accounts_are_invited_from_a_workbook_and_the_lists_are_had_as_files(
    browser: httpx.Client, office: Office
) -> None:
    sign_in(browser, office, "security1", "/office/accounts")
    who = f"import-{uuid4().hex[:8]}"
    good = ["演练人员甲", "办公室", who, "a@example.com", None]

    preview, path = import_rows(browser, "/office/accounts/imports", [good, ["演练人员乙", "董事长"]])
    assert "没有“董事长”这个身份" in preview
    assert "导入!B6" in preview
    assert f"{path}/commit" not in preview
    preview, path = import_rows(browser, "/office/accounts/imports", [good])
    assert "已导入" not in preview
    assert "共 1 行" in take_over(browser, preview, path)

    assert "同一文件再次上传或导入不会改动任何内容" in browser.get(path).text
    assert browser.get("/office/accounts").text.count("演练人员甲") == 1
    assert check_lists(browser, "/office/accounts") >= 1
    assert check_lists(browser, "/office/ledger") >= 1
