"""Coming in: registration confirmed by the office, invitations, colleagues, several enterprises, work handed over."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import nats

from deploy.stack import Stack
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import derived_id
from tests.integration.office.neighbours import PASSWORD, Office
from tests.integration.servers import eventually, key


def code() -> str:
    """An invented credit code that nobody has."""
    return make_credit_code(f"91370202MA3{uuid4().int % 10**6:06d}")


def registrant(**more: str) -> dict[str, str]:
    return {
        "credit_code": code(),
        "name": f"演练企业{uuid4().hex[:6]}",
        "contact": "演练联系人",
        "mobile": "13800000000",
        "email": "firm@example.com",
        **more,
    }


def register(office: Office, body: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
    return office.client.post("/api/office/registrations", json=body, headers=headers or key())


def follow(office: Office, url: str) -> httpx.Response:
    return office.client.get("/api/office/registrations/own", params={"link": url.rsplit("/", 1)[1]})


def let_in(office: Office, body: dict[str, str]) -> str:
    """Register and confirm; the link that sets up the account."""
    asked = register(office, body).raise_for_status().json()
    office.post("office1", f"/api/office/registrations/{asked['registration_id']}/confirm").raise_for_status()
    return str(follow(office, asked["url"]).json()["set_up"])


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def signed_in(office: Office, login: str) -> dict[str, str]:
    token = office.sign_in(login, PASSWORD).raise_for_status().json()["token"]
    return {"Authorization": f"Bearer {token}", **key()}


def test_a_registered_enterprise_is_confirmed_and_its_contact_sets_up_the_account(office: Office) -> None:
    body, login = registrant(), f"firm-{uuid4().hex[:8]}"
    asked = register(office, body).raise_for_status().json()
    waiting = office.get("office1", "/api/office/registrations").json()

    before = follow(office, asked["url"]).json()
    office.post("office1", f"/api/office/registrations/{asked['registration_id']}/confirm").raise_for_status()
    after = follow(office, asked["url"]).json()
    account = office.accept(after["set_up"], login).json()
    again = office.accept(after["set_up"], f"{login}-2")

    assert body["credit_code"] in {one["credit_code"] for one in waiting}
    assert (before["state"], before["set_up"], after["state"]) == ("waiting", None, "confirmed")
    assert account["roles"] == ["enterprise"]
    assert account["acts_for"] == [str(derived_id("enterprise", body["credit_code"]))]
    assert (again.status_code, again.json()["code"]) == (404, "dead_link")
    assert office.sign_in(login, PASSWORD).json()["token"] is not None


def test_a_confirmed_enterprise_is_stated_without_its_contact(office: Office, stack: Stack) -> None:
    heard: list[bytes] = []

    async def listen() -> None:
        connection = await nats.connect(stack.settings_for("office")["FANGBANG_NATS_URL"])
        subscription = await connection.jetstream().subscribe("office.enterprise.registered.v1", ordered_consumer=True)
        body = registrant(industry="制造业")
        await asyncio.to_thread(let_in, office, body)
        async for message in subscription.messages:
            heard.append(message.data)
            if body["credit_code"].encode() in message.data:
                break
        await connection.close()

    asyncio.run(asyncio.wait_for(listen(), 60))

    assert "制造业" in heard[-1].decode()
    assert b"13800000000" not in heard[-1]
    assert "演练联系人" not in heard[-1].decode()


def test_a_repeated_registration_is_one_and_another_body_under_its_key_is_refused(office: Office) -> None:
    body, headers = registrant(), key()

    first, repeat = register(office, body, headers), register(office, body, headers)
    other = register(office, {**body, "contact": "另一人"}, headers)

    assert first.json() == repeat.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_a_declined_registration_says_why_and_is_decided_once(office: Office) -> None:
    asked = register(office, registrant()).json()
    path = f"/api/office/registrations/{asked['registration_id']}"

    office.post("office1", f"{path}/decline", {"reason": "名称与营业执照不一致"}).raise_for_status()
    again = office.post("office2", f"{path}/confirm")
    followed = follow(office, asked["url"]).json()

    assert (followed["state"], followed["reason"], followed["set_up"]) == ("declined", "名称与营业执照不一致", None)
    assert again.json()["code"] == "registration_decided"


def test_what_is_wrong_with_a_registration_is_named_field_by_field(office: Office) -> None:
    answer = register(office, registrant(credit_code="91370202MA3ABCDE11", mobile="123"))

    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["problems"]} == {"credit_code", "mobile"}


def test_only_the_office_decides_on_registrations_and_a_foreign_link_shows_nothing(office: Office) -> None:
    asked = register(office, registrant()).json()
    path = f"/api/office/registrations/{asked['registration_id']}/confirm"
    forged = asked["url"][:-3] + "AAA"

    assert [office.post(login, path).status_code for login in ("security1", "operator1", "media1")] == [403] * 3
    assert (follow(office, forged).status_code, follow(office, "/x").json()["code"]) == (404, "dead_link")


def test_an_enterprise_has_several_people_and_a_person_several_enterprises(office: Office) -> None:
    first, second = registrant(), registrant()
    one, two = f"firm-{uuid4().hex[:8]}", f"firm-{uuid4().hex[:8]}"
    office.accept(let_in(office, first), one).raise_for_status()
    enterprise = derived_id("enterprise", first["credit_code"])

    invited = office.client.post(
        f"/api/office/enterprises/{enterprise}/people",
        json={"display_name": "演练同事"},
        headers=signed_in(office, one),
    ).json()
    colleague = office.accept(invited["url"], two).json()
    link = let_in(office, second).rsplit("/", 1)[1]
    joined = office.client.post("/api/office/invitations/join", json={"link": link}, headers=signed_in(office, two))

    assert colleague["acts_for"] == [str(enterprise)]
    assert set(joined.json()["acts_for"]) == {
        str(enterprise),
        str(derived_id("enterprise", second["credit_code"])),
    }


def test_nobody_invites_to_a_foreign_enterprise(office: Office) -> None:
    body, login = registrant(), f"firm-{uuid4().hex[:8]}"
    office.accept(let_in(office, registrant()), login).raise_for_status()
    let_in(office, body)
    foreign = derived_id("enterprise", body["credit_code"])
    unknown = derived_id("enterprise", code())

    answers = [
        office.client.post(
            f"/api/office/enterprises/{one}/people", json={"display_name": "x"}, headers=signed_in(office, login)
        )
        for one in (foreign, unknown)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["title"] == answers[1].json()["title"]


def test_staff_cannot_join_an_enterprise_with_their_account(office: Office) -> None:
    link = let_in(office, registrant()).rsplit("/", 1)[1]

    assert office.post("office1", "/api/office/invitations/join", {"link": link}).status_code == 403


def test_an_invitation_expires_and_can_be_withdrawn(office: Office) -> None:
    body = {"display_name": "演练", "roles": ["media"]}
    withdrawn = office.post("security1", "/api/office/invitations", body).json()
    office.post("security1", f"/api/office/invitations/{withdrawn['invitation_id']}/withdraw").raise_for_status()
    expired = office.post("security1", "/api/office/invitations", body).json()
    office.change(
        "UPDATE invitation SET expires_at = now() - interval '1 second' WHERE invitation_id = $1::text::uuid",
        expired["invitation_id"],
    )
    listed = {one["invitation_id"] for one in office.get("security1", "/api/office/invitations").json()}

    answers = [office.accept(one["url"], f"late-{uuid4().hex[:6]}") for one in (withdrawn, expired)]

    assert [answer.json()["code"] for answer in answers] == ["dead_link", "dead_link"]
    assert not listed & {withdrawn["invitation_id"], expired["invitation_id"]}


def test_a_repeated_invitation_gives_the_same_link_and_keeps_none(office: Office) -> None:
    body, headers = {"display_name": "演练", "roles": ["media"]}, key()

    first = office.post("security1", "/api/office/invitations", body, headers=headers).json()
    repeat = office.post("security1", "/api/office/invitations", body, headers=headers).json()
    secret = first["url"].rsplit("/", 1)[1]

    assert first == repeat
    kept = "UPDATE infra.idempotency SET answer = answer WHERE answer::text LIKE '%' || $1 || '%'"
    assert office.change(kept, secret) == "UPDATE 0"


def test_a_refused_password_leaves_the_invitation_open(office: Office) -> None:
    url = office.post("security1", "/api/office/invitations", {"display_name": "演练", "roles": ["media"]}).json()[
        "url"
    ]
    login = f"media-{uuid4().hex[:8]}"

    short, taken = office.accept(url, login, "short"), office.accept(url, "office1")

    assert (short.json()["code"], taken.json()["code"]) == ("bad_password", "login_taken")
    assert office.accept(url, login).status_code == 201


def test_an_expert_is_invited_by_the_login_of_the_pool(office: Office) -> None:
    nameless = office.post("security1", "/api/office/invitations", {"display_name": "演练", "roles": ["expert"]})

    expert = office.member("expert")

    assert nameless.json()["code"] == "login_missing"
    assert expert["acts_for"] == [str(derived_id("expert", expert["login"]))]


def account_id(office: Office, login: str) -> str:
    accounts = office.get("security1", "/api/office/accounts").json()
    return str(next(one["account_id"] for one in accounts if one["login"] == login))


def hand_over(office: Office, login: str, absent: str, deputy: str) -> httpx.Response:
    until = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    body = {"from_account": absent, "to_account": deputy, "ends_at": until, "reason": "出差"}
    return office.post(login, "/api/office/handovers", body)


def test_handed_over_work_is_done_by_the_deputy_until_it_is_taken_back(office: Office) -> None:
    absent, deputy = account_id(office, "office2"), account_id(office, "office1")

    handed = hand_over(office, "office2", absent, deputy).raise_for_status().json()
    during = claims(office.session("office1")["token"])["acts_for"]
    foreign = office.post("office1", f"/api/office/handovers/{handed['handover_id']}/end")
    office.post("office2", f"/api/office/handovers/{handed['handover_id']}/end").raise_for_status()
    after = claims(office.session("office1")["token"])["acts_for"]

    assert absent in during
    assert foreign.status_code == 404
    assert absent not in after


def test_a_department_is_acted_for_by_the_deputy_and_the_hand_over_ends_by_itself(office: Office) -> None:
    absent, deputy = account_id(office, "dept1"), account_id(office, "dept2")
    department = claims(office.session("dept1")["token"])["acts_for"][0]

    hand_over(office, "security1", absent, deputy).raise_for_status()
    during = claims(office.session("dept2")["token"])["acts_for"]
    office.change("UPDATE handover SET ends_at = now() - interval '1 second' WHERE ended_at IS NULL")
    after = claims(office.session("dept2")["token"])["acts_for"]

    assert department in during
    assert department not in after


def test_nobody_hands_over_the_work_of_another_or_what_is_personal(office: Office) -> None:
    office1, office2, chair = (account_id(office, login) for login in ("office1", "office2", "cochair1"))
    other = account_id(office, "cochair2")

    assert hand_over(office, "office1", office2, office1).status_code == 404
    assert hand_over(office, "security1", chair, other).json()["code"] == "personal_work"
    assert hand_over(office, "security1", office1, account_id(office, "dept1")).json()["code"] == "other_role"
    assert hand_over(office, "office1", office1, office1).json()["code"] == "same_person"


def test_everything_of_coming_in_is_audited(office: Office) -> None:
    asked = register(office, registrant()).json()
    office.post("office1", f"/api/office/registrations/{asked['registration_id']}/confirm").raise_for_status()

    def audited() -> bool:
        rows: list[dict[str, Any]] = []
        after = 0
        while page := office.get("auditor1", "/api/office/audit", params={"after": after}).json():
            rows, after = rows + page, page[-1]["id"]
        mine = {row["action"] for row in rows if asked["registration_id"] in json.dumps(row["details"])}
        return {"registration.asked", "registration.confirmed"} <= mine

    eventually(audited, "asking and confirming are not in the audit")
    assert office.get("security1", "/api/office/audit").status_code == 403
