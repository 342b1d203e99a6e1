"""Every route of office that names an object, by role and relation; the number of assertions is printed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from deploy.stack import Stack
from shared.contracts.facts import NoticeDue
from shared.web.rights import BOUND
from tests.contract.declared import declare
from tests.integration.office.neighbours import Office, publish
from tests.integration.relations import Relations
from tests.integration.servers import People, ServiceProcess, eventually

BODIES = {
    "POST /api/office/enterprises/{enterprise_id}/people": {"display_name": "演练同事"},
    "POST /account/enterprises/{enterprise_id}/people": {"display_name": "演练同事"},
}


class Holder:
    """A person of the office with one of each object that can be one's own."""

    def __init__(self, office: Office, login: str, deputy: str) -> None:
        accounts = {one["login"]: one["account_id"] for one in office.get("security1", "/api/office/accounts").json()}
        self.account, self.enterprise, self.notice = UUID(accounts[login]), uuid4(), uuid4()
        office.session(login)
        sessions = office.get(login, "/api/office/me/sessions").json()
        until = (datetime.now(UTC) + timedelta(days=7)).isoformat()
        body = {"from_account": accounts[login], "to_account": accounts[deputy], "ends_at": until, "reason": "出差"}
        handed = office.post(login, "/api/office/handovers", body).raise_for_status().json()
        self.ids = {
            "account_id": accounts[login],
            "token_id": self._token(office, login),
            "session_id": max(sessions, key=lambda one: str(one["opened_at"]))["session_id"],
            "handover_id": handed["handover_id"],
            "enterprise_id": str(self.enterprise),
            "notice_id": str(self.notice),
        }

    def _token(self, office: Office, login: str) -> str:
        body = {"name": "演练", "scopes": ["cycle.read"]}
        return str(office.post(login, "/api/office/me/tokens", body).raise_for_status().json()["token_id"])

    def due(self) -> NoticeDue:
        """A notice to this person's enterprise."""
        return NoticeDue(
            source="submission",
            notice_id=self.notice,
            recipient_kind="enterprise",
            recipient_id=self.enterprise,
            template="rectification_asked",
            case_number="XZ-0001",
            link="/portal/cases/1",
        )


def test_every_route_role_and_relation_is_as_the_table_says(
    office: Office,
    stack: Stack,
    process: ServiceProcess,
    people: People,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    mine, other = Holder(office, "office1", "office2"), Holder(office, "office2", "office1")
    publish(stack, "submission", mine.due(), other.due())
    relations = Relations(
        process, people, mine.account, (mine.enterprise,), own=mine.ids, foreign=other.ids, bodies=BODIES
    )
    count = "UPDATE notice SET notice_id = notice_id WHERE notice_id IN ($1::text::uuid, $2::text::uuid)"
    arrived = (str(mine.notice), str(other.notice))
    eventually(lambda: office.change(count, *arrived) == "UPDATE 2", "the notices did not come")
    routes = declare("office", tmp_path).routes
    named = [one for one in routes if relations.covers(one)]
    bound = [one for one in named if one.act in BOUND]
    lists = [one for one in routes if "{" not in one.path and not one.writes and one.act in BOUND]

    relations.check(named)
    relations.sees(lists, (other.ids["session_id"], other.ids["notice_id"], other.ids["enterprise_id"]))

    print(f"office: {relations.assertions} assertions on {len(named)} routes, {len(bound)} of them bound")
    record_property("assertions", relations.assertions)
    assert relations.wrong == []
    assert len(bound) >= 8
    assert len(lists) >= 4
