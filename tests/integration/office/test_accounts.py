"""Signing in, lockout, tokens, revocation, and two persons' tickets."""

from uuid import uuid4

import httpx

from tests.integration.office.neighbours import DIGEST, PASSWORD, Office
from tests.integration.servers import key


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
    known, unknown = office.member("media")["login"], f"nobody-{uuid4().hex[:6]}"

    for login in (known, unknown):
        answers = [office.sign_in(login, "wrong password").json()["code"] for _ in range(6)]
        assert answers == ["wrong_password"] * 4 + ["locked_out"] * 2
    assert office.sign_in(known, PASSWORD).json()["code"] == "locked_out"


def test_a_right_password_forgets_the_wrong_ones(office: Office) -> None:
    account = office.member("media")

    for _ in range(2):
        for _ in range(4):
            office.sign_in(account["login"], "wrong password")
        assert office.sign_in(account["login"], account["password"]).status_code == 200


def test_a_revoked_account_is_refused_at_once(office: Office) -> None:
    account = office.member("media")
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
    body = {"display_name": "演练", "roles": ["operator", "auditor"]}
    auditor = office.member("auditor")["account_id"]

    invited = office.post("security1", "/api/office/invitations", body)
    changed = office.post(
        "security1", f"/api/office/accounts/{auditor}/roles", {"roles": ["auditor", "security"], "reason": "演练"}
    )

    assert (invited.status_code, invited.json()["code"]) == (422, "exclusive_roles")
    assert (changed.status_code, changed.json()["code"]) == (422, "exclusive_roles")


def test_only_security_invites_and_changes_and_nobody_changes_themselves(office: Office) -> None:
    body = {"display_name": "演练", "roles": ["media"]}
    member = office.member("media")["account_id"]
    accounts = office.get("security1", "/api/office/accounts").json()
    own = next(one["account_id"] for one in accounts if one["login"] == "security1")
    roles = {"roles": ["office"], "reason": "演练"}

    refused = [
        office.post(login, path, sent).status_code
        for login in ("office1", "operator1", "auditor1")
        for path, sent in (("/api/office/invitations", body), (f"/api/office/accounts/{member}/roles", roles))
    ]

    assert refused == [403] * 6
    assert office.post("security1", f"/api/office/accounts/{own}/roles", roles).json()["code"] == "own_account"
    assert office.post("security1", f"/api/office/accounts/{own}/revoke", {"reason": "x"}).status_code == 422


def test_changed_roles_hold_from_the_next_sign_in(office: Office) -> None:
    member = office.member("media")
    session = office.sign_in(member["login"], PASSWORD).json()["session"]
    path = f"/api/office/accounts/{member['account_id']}/roles"

    changed = office.post("security1", path, {"roles": ["department"], "reason": "调岗"})
    ended = office.client.post("/api/office/token", headers={"Authorization": f"Session {session}"})

    assert changed.json()["roles"] == ["department"]
    assert ended.status_code == 401
    assert office.sign_in(member["login"], PASSWORD).json()["wants"] == "enrolment"


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
    two_offices = ask(office, "office1", "panel.void").json()["ticket_id"]
    both = ask(office, "supervisor1", "panel.void").json()["ticket_id"]

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
