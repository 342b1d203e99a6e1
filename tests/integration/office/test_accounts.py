"""Signing in, lockout, tokens, revocation, and two persons' tickets."""

from uuid import uuid4

import httpx

from tests.integration.office.neighbours import DIGEST, Office
from tests.integration.servers import key

PASSWORD = "harbour lantern 46 kites"


def new_account(office: Office, **more: object) -> dict[str, str]:
    body = {
        "login": f"person-{uuid4().hex[:8]}",
        "password": PASSWORD,
        "display_name": "演练",
        "roles": ["media"],
        **more,
    }
    answer = office.post("security1", "/api/office/accounts", body)
    assert answer.status_code == 201, answer.text
    return {**answer.json(), "password": body["password"]}


def test_a_session_is_exchanged_for_tokens_until_it_is_ended(office: Office) -> None:
    session = office.session("office2")["session"]
    headers = {"Authorization": f"Session {session}"}

    fresh = office.client.post("/api/office/token", headers=headers)
    ended = office.client.post("/api/office/sign-out", headers=headers)
    after = office.client.post("/api/office/token", headers=headers)

    assert (fresh.status_code, ended.status_code, after.status_code) == (200, 204, 401)


def test_the_session_cookie_is_out_of_reach_of_scripts(office: Office) -> None:
    cookie = office.sign_in("office2").headers["set-cookie"].lower()

    assert "fb_session=" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_five_wrong_passwords_lock_the_login_whether_it_exists_or_not(office: Office) -> None:
    known, unknown = new_account(office)["login"], f"nobody-{uuid4().hex[:6]}"

    for login in (known, unknown):
        answers = [office.sign_in(login, "wrong password").json()["code"] for _ in range(6)]
        assert answers == ["wrong_password"] * 4 + ["locked_out"] * 2
    assert office.sign_in(known, PASSWORD).json()["code"] == "locked_out"


def test_a_right_password_forgets_the_wrong_ones(office: Office) -> None:
    account = new_account(office)

    for _ in range(2):
        for _ in range(4):
            office.sign_in(account["login"], "wrong password")
        assert office.sign_in(account["login"], account["password"]).status_code == 200


def test_a_revoked_account_is_refused_at_once(office: Office) -> None:
    account = new_account(office)
    token = office.sign_in(account["login"], account["password"]).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    before = office.client.get("/api/office/ledger/sources", headers=bearer)

    office.post(
        "security1", f"/api/office/accounts/{account['account_id']}/revoke", {"reason": "演练"}
    ).raise_for_status()

    assert before.status_code == 200
    assert office.client.get("/api/office/ledger/sources", headers=bearer).status_code == 401
    assert office.sign_in(account["login"], account["password"]).json()["code"] == "wrong_password"


def test_administrator_roles_exclude_each_other(office: Office) -> None:
    body = {"login": "two-hats", "password": PASSWORD, "display_name": "x", "roles": ["operator", "auditor"]}

    answer = office.post("security1", "/api/office/accounts", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "exclusive_roles")


def test_only_security_creates_accounts(office: Office) -> None:
    body = {"login": "nobody", "password": PASSWORD, "display_name": "x", "roles": ["media"]}

    assert office.post("office1", "/api/office/accounts", body).status_code == 403


def ask(office: Office, login: str, act: str) -> httpx.Response:
    return office.post(login, "/api/office/tickets", {"act": act, "digest": DIGEST, "subject": "演练"})


def test_a_ticket_is_confirmed_by_another_person_once(office: Office) -> None:
    path = f"/api/office/tickets/{ask(office, 'office1', 'release.confirm').json()['ticket_id']}"
    waiting = [one["ticket_id"] for one in office.get("office2", "/api/office/tickets").json()]

    same = office.post("office1", f"{path}/confirm")
    repeated = key()
    first = office.post("office2", f"{path}/confirm", headers=repeated)
    repeat = office.post("office2", f"{path}/confirm", headers=repeated)
    again = office.post("office2", f"{path}/confirm")

    assert path.rsplit("/", 1)[1] in waiting
    assert (same.status_code, same.json()["code"]) == (403, "same_person")
    assert first.json()["ticket"] == repeat.json()["ticket"]
    assert (again.status_code, again.json()["code"]) == (409, "ticket_answered")
    assert office.get("office1", path).json()["ticket"] is not None


def test_a_draw_takes_office_and_supervisor(office: Office) -> None:
    two_offices = ask(office, "office1", "panel.draw").json()["ticket_id"]
    both = ask(office, "supervisor1", "panel.draw").json()["ticket_id"]

    wrong = office.post("office2", f"/api/office/tickets/{two_offices}/confirm")
    right = office.post("office2", f"/api/office/tickets/{both}/confirm")

    assert (wrong.status_code, wrong.json()["code"], right.status_code) == (403, "wrong_pair", 200)


def test_a_declined_ticket_cannot_be_confirmed(office: Office) -> None:
    path = f"/api/office/tickets/{ask(office, 'office1', 'release.confirm').json()['ticket_id']}"

    declined = office.post("office2", f"{path}/decline", {"reason": "名单有误"}).json()
    confirmed = office.post("office2", f"{path}/confirm")

    assert (declined["state"], declined["reason"]) == ("declined", "名单有误")
    assert confirmed.json()["code"] == "ticket_answered"


def test_a_ticket_for_an_act_one_may_not_do_is_refused(office: Office) -> None:
    assert ask(office, "supervisor1", "release.confirm").status_code == 403
    assert ask(office, "office1", "no.such.act").json()["code"] == "unknown_act"


def test_a_ticket_is_seen_by_those_who_may_do_its_act_only(office: Office) -> None:
    ticket = ask(office, "office1", "release.confirm").json()["ticket_id"]

    seen = {
        login: ticket in {one["ticket_id"] for one in office.get(login, "/api/office/tickets").json()}
        for login in ("office2", "supervisor1", "chair1")
    }

    assert seen == {"office2": True, "supervisor1": False, "chair1": False}
    assert office.get("supervisor1", f"/api/office/tickets/{ticket}").status_code == 404
