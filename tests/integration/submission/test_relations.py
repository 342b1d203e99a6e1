"""Every route of submission that names an object, by role and relation; the number of assertions is printed."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from services.submission.domain.statement import STATEMENT_VERSION
from shared.kernel.ids import derived_id
from shared.web.rights import BOUND
from tests.contract.declared import Route, declare
from tests.integration.relations import Relations
from tests.integration.servers import key
from tests.integration.submission.desk import API, FIGURES, PDF, Desk, Enterprise, good
from tests.integration.submission.test_imports import filled, upload

_APPLICATION, _PORTAL = f"{API}/applications/{{case_id}}", "/portal/applications/{case_id}"
_STATED = {"statement_version": STATEMENT_VERSION, "confirmed": True}
BODIES = {
    f"PUT {_APPLICATION}/figures": {"figures": FIGURES},
    f"POST {_APPLICATION}/submit": _STATED,
    f"POST {_APPLICATION}/withdraw": {"reason": "演练"},
    f"POST {_APPLICATION}/evidence": {"name": "审计报告.pdf", "kind": "audit_report", "size": len(PDF)},
    f"PUT {_APPLICATION}/evidence/{{evidence_id}}/bindings": {"bindings": []},
    f"PATCH {_PORTAL}/draft": {"changes": [], "since": 0},
    f"POST {_PORTAL}/figures": {"seen": "{}"},
    f"POST {_PORTAL}/submit": {"seen": "{}", "confirmed": "yes"},
    f"POST {_PORTAL}/resubmit": {"seen": "{}"},
    f"POST {_PORTAL}/withdraw": {"reason": "演练"},
    f"POST {API}/investigation-requests/{{request_id}}/answer": {"found_on": "2026-02-10", "finding": "演练"},
    "POST /portal/investigations/{request_id}": {"found_on": "2026-02-10", "finding": "演练"},
}
# A file comes with these; without one they are refused before anybody asks whose case it is.
NEED_A_FILE = (f"POST {_PORTAL}/evidence", f"POST {_PORTAL}/workbook", f"PUT {_APPLICATION}/form.xlsx")
# A call is nobody's own; that the enterprise in the form is one's own is asked of it as of the API.
OF_A_CALL = "POST /portal/calls/{stage_id}/applications"


MINE, THEIRS = "青岛市商务局", "青岛市工商业联合会"


def filed(desk: Desk, window: UUID, department: str, *, paper: bool = False) -> tuple[Enterprise, dict[str, str]]:
    """An enterprise and the ids of what it filed (on paper: the office's to fill in too) and a department was asked."""
    one = desk.enterprise()
    case_id = desk.file_paper(one, window) if paper else desk.file(one, window)
    evidence = good(one.client.get(f"{API}/applications/{case_id}"))["evidence"][0]
    asked = {"department_id": str(derived_id("department", department)), "question": "演练"}
    request = good(desk.office.post(f"{API}/cases/{case_id}/investigation-requests", json=asked, headers=key()))
    inbox = one.client.get("/portal/inbox", headers={"Accept": "text/html"})
    message = re.search(r"/portal/inbox/([0-9a-f-]{36})/read", inbox.text)
    assert message, "filing leaves a message"
    ids = {"case_id": case_id, "evidence_id": evidence["evidence_id"], "notice_id": message[1]}
    return one, {**ids, "request_id": request["request_id"]}


def imported(desk: Desk, account: UUID) -> str:
    """An import of nominations by somebody of the media."""
    stage = desk.begin(desk.category("economic_event"), "nomination")
    facts = {"event_summary": "演练", "happened_in_qingdao": "是", "happened_in_award_year": "是"}
    content = filled("nominations", "economic_event", [{"title": f"演练 {account}", **facts}])
    return str(good(upload(desk.person("media", account=account), "nominations", stage, content))["import_id"])


def shows_ones_own(route: Route) -> bool:
    """Whether what this route shows depends on who looks."""
    return route.act in BOUND or (route.act is None and route.signed_in)


def test_every_route_role_and_relation_is_as_the_table_says(
    desk: Desk, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    window = desk.begin(desk.category())
    (mine, own), (other, foreign) = filed(desk, window, MINE, paper=True), filed(desk, window, THEIRS)
    account = uuid4()
    own |= {"import_id": imported(desk, account), "stage_id": str(window)}
    foreign |= {"import_id": imported(desk, uuid4()), "stage_id": str(desk.begin(desk.category()))}
    acts_for = (UUID(mine.enterprise_id), derived_id("department", MINE))
    relations = Relations(desk.process, desk.people, account, acts_for, own=own, foreign=foreign, bodies=BODIES)
    routes = declare("submission", tmp_path).routes
    named = [one for one in routes if relations.covers(one) and str(one) not in (*NEED_A_FILE, OF_A_CALL)]
    bound = [one for one in named if one.act in BOUND]
    lists = [one for one in routes if "{" not in one.path and not one.writes and shows_ones_own(one)]

    assert "GET /portal/calls/{stage_id}" in map(str, named)
    relations.check(sorted(named, key=lambda one: one.writes))  # first the reads: writing changes what is one's own
    foreign.pop("stage_id")  # a call: open to everybody who may file, hence in their lists
    relations.sees(lists, (*foreign.values(), other.name))

    print(f"submission: {relations.assertions} assertions on {len(named)} routes, {len(bound)} of them bound")
    record_property("assertions", relations.assertions)
    assert relations.wrong == []
    assert len(bound) >= 15
    assert len(lists) >= 3
