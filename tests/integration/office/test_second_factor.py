"""One-time codes: enrolled at the first sign-in, asked for ever after, each good once; recovery begins anew."""

from uuid import uuid4

import httpx
from pyotp import TOTP

from tests.integration.office.neighbours import PASSWORD, Office

ANOTHER = "seven quiet herons 81"


def step(office: Office, session: str, path: str, **body: str) -> httpx.Response:
    headers = {"Authorization": f"Session {session}"}
    return office.client.post(f"/api/office/{path}", json=body or None, headers=headers)


def new_expert(office: Office) -> dict[str, str]:
    """An account that needs a second factor and has none yet."""
    return office.member("expert")


def enrol(office: Office, login: str, password: str = PASSWORD) -> tuple[TOTP, dict[str, str]]:
    """Sign in for the first time: the phone, and the session."""
    begun = office.sign_in(login, password).raise_for_status().json()
    assert (begun["wants"], begun["token"]) == ("enrolment", None)
    phone = TOTP(step(office, begun["session"], "sign-in/enrolment").raise_for_status().json()["secret"])
    done = step(office, begun["session"], "sign-in/code", code=phone.now()).raise_for_status().json()
    return phone, done


def test_a_first_sign_in_enrols_and_the_next_one_asks_for_a_code(office: Office) -> None:
    login = new_expert(office)["login"]

    phone, done = enrol(office, login)
    office.half_minute_passed(login)
    asked = office.sign_in(login, PASSWORD).json()
    at_once = office.sign_in(login, PASSWORD, phone.now()).json()

    assert done["wants"] is None
    assert office.client.get("/api/office/me/sessions", headers={"Authorization": f"Bearer {done['token']}"}).is_success
    assert (asked["wants"], asked["token"]) == ("code", None)
    assert at_once["token"] is not None


def test_the_secret_stays_the_same_until_its_first_code_and_is_not_told_after(office: Office) -> None:
    login = new_expert(office)["login"]
    session = office.sign_in(login, PASSWORD).json()["session"]

    first = step(office, session, "sign-in/enrolment").json()["secret"]
    second = step(office, session, "sign-in/enrolment").json()["secret"]
    step(office, session, "sign-in/code", code=TOTP(first).now()).raise_for_status()
    office.half_minute_passed(login)
    asked = office.sign_in(login, PASSWORD).json()["session"]

    assert first == second
    assert step(office, asked, "sign-in/enrolment").json()["code"] == "sign_in_step"


def test_a_code_is_good_once_even_for_two_sessions(office: Office) -> None:
    login = new_expert(office)["login"]
    phone, _ = enrol(office, login)
    office.half_minute_passed(login)
    code = phone.now()

    first = office.sign_in(login, PASSWORD, code)
    second = office.sign_in(login, PASSWORD, code)

    assert (first.status_code, second.status_code, second.json()["code"]) == (200, 401, "wrong_code")


def test_an_unfinished_sign_in_is_no_session(office: Office) -> None:
    session = office.sign_in(new_expert(office)["login"], PASSWORD).json()["session"]

    answer = step(office, session, "token")

    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_unfinished")


def test_the_opaque_session_changes_when_the_sign_in_is_finished(office: Office) -> None:
    login = new_expert(office)["login"]
    begun = office.sign_in(login, PASSWORD).json()["session"]
    phone = TOTP(step(office, begun, "sign-in/enrolment").json()["secret"])

    done = step(office, begun, "sign-in/code", code=phone.now()).json()["session"]

    assert done != begun
    assert step(office, begun, "token").status_code == 401
    assert step(office, done, "token").status_code == 200


def test_five_wrong_codes_lock_and_right_passwords_in_between_do_not_help(office: Office) -> None:
    login = new_expert(office)["login"]
    phone, _ = enrol(office, login)
    office.half_minute_passed(login)
    wrong = f"{(int(phone.now()) + 500_000) % 1_000_000:06d}"

    answers = [office.sign_in(login, PASSWORD, wrong).json()["code"] for _ in range(5)]

    assert answers == ["wrong_code"] * 4 + ["locked_out"]
    assert office.sign_in(login, PASSWORD, phone.now()).json()["code"] == "locked_out"


def test_old_failures_are_forgotten_and_a_lock_ends_after_a_quarter_of_an_hour(office: Office) -> None:
    stale, login = f"nobody-{uuid4().hex[:6]}", new_expert(office)["login"]
    office.sign_in(stale, "wrong password")
    office.change("UPDATE sign_in_failure SET last_at = last_at - interval '25 hours' WHERE login = $1", stale)
    for _ in range(5):
        office.sign_in(login, "wrong password")

    office.change(
        "UPDATE sign_in_failure SET locked_until = locked_until - interval '15 minutes' WHERE login = $1", login
    )
    again = office.sign_in(login, PASSWORD)

    assert again.status_code == 200
    assert office.change("DELETE FROM sign_in_failure WHERE login = $1", stale) == "DELETE 0"


def test_proving_again_takes_password_and_code(office: Office) -> None:
    session = office.session("office2")["session"]
    office.half_minute_passed("office2")

    only_password = step(office, session, "reauthenticate", password=office.password)
    wrong = step(office, session, "reauthenticate", password="wrong password", code=office.code("office2"))
    right = step(office, session, "reauthenticate", password=office.password, code=office.code("office2"))
    again = step(office, session, "reauthenticate", password=office.password, code=office.code("office2"))

    assert (only_password.status_code, only_password.json()["code"]) == (401, "code_missing")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_password")
    assert right.json()["token"]
    assert again.json()["code"] == "wrong_code"


def test_enterprises_need_no_code(office: Office) -> None:
    login = office.member("enterprise")["login"]

    assert office.sign_in(login, PASSWORD).json()["token"] is not None


def test_a_lost_phone_is_recovered_by_a_link_that_works_once(office: Office) -> None:
    expert = new_expert(office)
    phone, done = enrol(office, expert["login"])
    path = f"/api/office/accounts/{expert['account_id']}/recover"

    url = office.post("security1", path, {"reason": "手机遗失，已当面核对身份"}).raise_for_status().json()["url"]
    link = url.rsplit("/", 1)[1]
    before = office.sign_in(expert["login"], PASSWORD, phone.now())
    used = office.client.post("/api/office/recovery", json={"link": link, "password": ANOTHER})
    again = office.client.post("/api/office/recovery", json={"link": link, "password": "many brown kettles 9"})
    other, _ = enrol(office, expert["login"], ANOTHER)

    assert step(office, done["session"], "token").status_code == 401
    assert before.json()["code"] == "wrong_password"
    assert (used.status_code, again.status_code, again.json()["code"]) == (204, 404, "dead_link")
    assert other.secret != phone.secret


def test_a_forged_or_old_recovery_link_is_refused_alike(office: Office) -> None:
    expert = new_expert(office)
    path = f"/api/office/accounts/{expert['account_id']}/recover"
    link = office.post("security1", path, {"reason": "忘记密码"}).json()["url"].rsplit("/", 1)[1]
    forged = ("A" if link[30] != "A" else "B").join((link[:30], link[31:]))
    office.change("UPDATE recovery SET made_at = made_at - interval '25 hours' WHERE used_at IS NULL")

    answers = [
        office.client.post("/api/office/recovery", json={"link": one, "password": ANOTHER})
        for one in (link, forged, "nonsense")
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "dead_link")] * 3


def test_recovery_is_the_security_administrators_freshly_proved_act(office: Office) -> None:
    path = f"/api/office/accounts/{new_expert(office)['account_id']}/recover"

    by_office = office.post("office1", path, {"reason": "x"})
    session = office.session("security1")["session"]
    office.change("UPDATE account_session SET auth_time = auth_time - interval '11 minutes'")
    old = step(office, session, "token").json()["token"]
    stale = office.client.post(
        path, json={"reason": "x"}, headers={"Authorization": f"Bearer {old}", "Idempotency-Key": uuid4().hex}
    )

    assert by_office.status_code == 403
    assert stale.json()["code"] == "fresh_authentication"


def test_a_changed_password_ends_the_other_sessions(office: Office) -> None:
    login = new_expert(office)["login"]
    phone, first = enrol(office, login)
    office.half_minute_passed(login)
    second = office.sign_in(login, PASSWORD, phone.now()).json()
    headers = {"Authorization": f"Bearer {second['token']}", "Idempotency-Key": uuid4().hex}

    guessable = office.client.post(
        "/api/office/me/password", json={"password": f"{login}{login}"}, headers={**headers, "Idempotency-Key": "g"}
    )
    same = office.client.post(
        "/api/office/me/password", json={"password": PASSWORD}, headers={**headers, "Idempotency-Key": "s"}
    )
    changed = office.client.post("/api/office/me/password", json={"password": ANOTHER}, headers=headers)

    assert (guessable.json()["code"], same.json()["code"]) == ("bad_password", "bad_password")
    assert changed.status_code == 204
    assert step(office, first["session"], "token").status_code == 401
    assert step(office, second["session"], "token").status_code == 200


def test_a_session_ends_when_idle_and_at_its_absolute_limit(office: Office) -> None:
    idle, old = office.session("office2")["session"], office.session("office2")["session"]
    hashes = "token_hash = encode(sha256($1::text::bytea), 'hex')"
    office.change(f"UPDATE account_session SET used_at = used_at - interval '31 minutes' WHERE {hashes}", idle)
    office.change(f"UPDATE account_session SET opened_at = opened_at - interval '13 hours' WHERE {hashes}", old)

    assert [step(office, session, "token").status_code for session in (idle, old)] == [401, 401]


def test_one_of_ones_own_sessions_can_be_ended(office: Office) -> None:
    office.token("office2")
    lost = office.session("office2")["session"]
    sessions = office.get("office2", "/api/office/me/sessions").json()
    newest = max(sessions, key=lambda one: str(one["opened_at"]))

    foreign = office.post("office1", f"/api/office/me/sessions/{newest['session_id']}/end")
    own = office.post("office2", f"/api/office/me/sessions/{newest['session_id']}/end")

    assert (foreign.status_code, own.status_code) == (404, 204)
    assert step(office, lost, "token").status_code == 401
