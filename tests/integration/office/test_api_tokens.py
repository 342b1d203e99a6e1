"""API tokens: some acts of a person, for a time, shown once, never for what is irreversible."""

from uuid import uuid4

import httpx

from tests.integration.office.neighbours import PASSWORD, Office
from tests.integration.servers import key


def make(office: Office, login: str, *scopes: str, days: int = 30) -> httpx.Response:
    return office.post(login, "/api/office/me/tokens", {"name": "统计程序", "scopes": scopes, "days": days})


def exchange(office: Office, secret: str) -> httpx.Response:
    return office.client.post("/api/office/token", headers={"Authorization": f"Bearer {secret}"})


def bearer(office: Office, secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {exchange(office, secret).raise_for_status().json()['token']}", **key()}


def test_a_program_does_what_its_scopes_name_and_nothing_else(office: Office) -> None:
    secret = make(office, "office1", "cycle.read", "calendar.import").json()["secret"]
    program = bearer(office, secret)

    reading = office.client.get("/api/office/cycles", headers=program)
    ledger = office.client.get("/api/office/ledger/sources", headers=program)
    itself = office.client.post("/api/office/me/tokens", json={"name": "x", "scopes": ["cycle.read"]}, headers=program)

    assert (reading.status_code, ledger.status_code, itself.status_code) == (200, 403, 403)


def test_a_program_is_never_freshly_authenticated(office: Office) -> None:
    secret = make(office, "security1", "account.recover").json()["secret"]
    member = office.member("media")["account_id"]

    answer = office.client.post(
        f"/api/office/accounts/{member}/recover", json={"reason": "x"}, headers=bearer(office, secret)
    )

    assert answer.json()["code"] == "fresh_authentication"


def test_a_token_is_for_acts_of_ones_own_only_and_not_without_end(office: Office) -> None:
    codes = [
        make(office, "office1", *scopes, days=days).json()["code"]
        for scopes, days in [
            (["audit.read"], 30),
            (["account.own"], 30),
            (["no.such.act"], 30),
            ([], 30),
            (["cycle.read"], 366),
            (["cycle.read"], 0),
        ]
    ]

    assert codes == ["bad_scope", "bad_scope", "bad_scope", "no_scope", "bad_days", "bad_days"]


def test_the_secret_is_shown_once_and_kept_nowhere(office: Office) -> None:
    body, headers = {"name": "统计程序", "scopes": ["cycle.read"]}, key()

    first = office.post("office1", "/api/office/me/tokens", body, headers=headers).json()
    repeat = office.post("office1", "/api/office/me/tokens", body, headers=headers).json()
    listed = office.get("office1", "/api/office/me/tokens").text

    assert (first["token_id"], repeat["secret"]) == (repeat["token_id"], None)
    assert first["secret"] not in listed
    kept = "UPDATE api_token SET name = name WHERE token_hash = $1"
    assert office.change(kept, first["secret"]) == "UPDATE 0"


def test_a_token_ends_when_taken_back_by_its_owner_or_past_its_time(office: Office) -> None:
    taken, old = (make(office, "office1", "cycle.read").json() for _ in range(2))
    path = f"/api/office/me/tokens/{taken['token_id']}/revoke"

    foreign = office.post("office2", path)
    before = exchange(office, taken["secret"])
    office.post("office1", path).raise_for_status()
    office.change("UPDATE api_token SET expires_at = now() WHERE token_id = $1::text::uuid", old["token_id"])

    answers = [exchange(office, one) for one in (taken["secret"], old["secret"], "fbt_nonsense")]
    assert (foreign.status_code, before.status_code) == (404, 200)
    assert {(answer.status_code, answer.json()["title"]) for answer in answers} == {(401, "令牌无效或已过期。")}


def test_a_recovered_or_revoked_account_has_no_tokens_left(office: Office) -> None:
    secrets = []
    for end in ("recover", "revoke"):
        member = office.member("media")
        token = office.sign_in(member["login"], PASSWORD).json()["token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
        body = {"name": "x", "scopes": ["notice.read"]}
        secrets.append(office.client.post("/api/office/me/tokens", json=body, headers=headers).json()["secret"])
        office.post(
            "security1", f"/api/office/accounts/{member['account_id']}/{end}", {"reason": "x"}
        ).raise_for_status()

    assert [exchange(office, secret).status_code for secret in secrets] == [401, 401]
