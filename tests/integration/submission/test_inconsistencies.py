"""A case of an evaluation in which figures do not agree: shown, waived or put right, and not passed before."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contracts.dossiers import ApplicationDossier, Manifest
from shared.infra.files import Files
from shared.infra.rulebooks import load_shipped
from tests.integration.servers import key
from tests.integration.submission.desk import API, GIANT, Desk, Enterprise, good, refused
from tests.integration.submission.test_pages import Browser, wrong_inputs

WRONG = {"rd_intensity_actual": "5.2", "rd_expenditure": "512.4", "total_revenue": "10000"}


class Filing:
    """A filing whose R&D share does not follow from its amounts, in a screening that has begun."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.one = desk, desk.enterprise()
        place = desk.category("little_giant", GIANT)
        facts = load_shipped()[GIANT].category("little_giant").facts
        window = desk.begin(place)
        self.case_id: str = good(desk.open(self.one, window))["case_id"]
        actuals = {fact.id: None for fact in facts if fact.filled_by == "applicant"}
        good(desk.enter(self.one, self.case_id, actuals | WRONG))
        desk.attach(self.one, self.case_id, kind="proof")
        self.seen_before = good(self.one.client.get(f"{API}/applications/{self.case_id}"))["warnings"]
        targets = {fact.id: None for fact in facts if fact.filled_by == "office"} | {"rd_intensity_target": 5}
        self._lock(window, targets)
        good(desk.submit(self.one, self.case_id))
        self.stage = desk.begin(place, "screening")

    def _lock(self, window: UUID, targets: dict[str, Any]) -> None:
        row = {"enterprise_id": self.one.enterprise_id, "figures": targets}
        body = {"stage_id": str(window), "source": "批复的实施方案", "targets": [row]}
        good(self.desk.office.post(f"{API}/targets", json=body, headers=key()))
        wanted = good(self.desk.office.get(f"{API}/targets/lock", params={"stage_id": str(window)}))
        headers = self.desk.two_persons(wanted["act"], wanted["digest"])
        good(self.desk.office.post(f"{API}/targets/lock", json={"stage_id": str(window)}, headers=headers))

    @property
    def found(self) -> list[dict[str, Any]]:
        """What the screener sees."""
        seen: list[dict[str, Any]] = self.desk.desk_case(self.case_id)["inconsistencies"]
        return seen

    def waive(self, digest: str, reason: str = "演练：已核对原始凭证", **more: Any) -> httpx.Response:
        """The office lets one stand."""
        path = f"{API}/cases/{self.case_id}/inconsistencies/{digest}/waive"
        client = more.get("client", self.desk.office)
        answer: httpx.Response = client.post(path, json={"reason": reason}, headers=more.get("headers") or key())
        return answer

    def decide(self, decision: str, **more: Any) -> httpx.Response:
        """The office decides."""
        return self.desk.decide(self.case_id, decision, article="附2", **more)


@pytest.fixture
def filing(desk: Desk) -> Filing:
    return Filing(desk)


def test_the_applicant_is_warned_and_the_office_cannot_pass_before_it_is_waived(desk: Desk, filing: Filing) -> None:
    [one] = filing.found
    assert filing.seen_before == [one["message"]]
    assert (one["check"], one["indicator"], one["reason"]) == ("derived_ratio", "rd_intensity", None)
    problem = refused(filing.decide("pass"), 409, "open_inconsistencies")
    assert "还有1处前后不一致没有处理" in problem["title"]

    waived = good(filing.waive(one["digest"]))

    assert waived["reason"] == "演练：已核对原始凭证"
    assert filing.found == [waived]
    good(filing.decide("pass"))
    good(desk.end(filing.stage))
    _, digest = desk.await_manifest(filing.stage)
    files = Files(desk.process.settings())
    manifest = Manifest.model_validate_json(asyncio.run(files.get_dossier("submission", digest)))
    handed_over = asyncio.run(files.get_dossier("submission", manifest.entries[0].dossier_digest))
    [finding] = ApplicationDossier.model_validate_json(handed_over).investigations
    assert finding.kind == "inconsistency"
    assert finding.finding == f"{one['message']}认可理由：演练：已核对原始凭证"


def test_a_figure_put_right_settles_it_and_a_new_fault_is_seen_again(desk: Desk, filing: Filing) -> None:
    good(filing.waive(filing.found[0]["digest"]))
    good(filing.decide("rectify", items=[{"field": "rd_intensity_actual", "reason": "与研发经费不符"}]))
    good(desk.enter(filing.one, filing.case_id, {"rd_intensity_actual": "5.3"}))
    resubmit = f"{API}/applications/{filing.case_id}/resubmit"
    good(filing.one.client.post(resubmit, headers=key()))
    [again] = filing.found
    assert again["reason"] is None
    refused(filing.decide("pass"), 409, "open_inconsistencies")
    good(filing.waive(again["digest"]))
    good(filing.decide("pass"))


def test_rejecting_needs_no_waiver(filing: Filing) -> None:
    good(filing.decide("reject"))


def test_a_waiver_is_given_once_with_a_reason_by_the_office(desk: Desk, filing: Filing) -> None:
    digest, headers = filing.found[0]["digest"], key()
    for client in (filing.one.client, desk.person("auditor"), desk.person("supervisor")):
        refused(filing.waive(digest, client=client), 403, "not_allowed")
    refused(filing.waive(digest, "  "), 422, "reason")
    refused(filing.waive("0" * 64), 409, "no_such_inconsistency")

    first, repeated = filing.waive(digest, headers=headers), filing.waive(digest, headers=headers)

    assert good(first) == good(repeated)
    refused(filing.waive(digest), 409, "already_waived")
    assert len(desk.desk_case(filing.case_id)["findings"]) == 1
    good(filing.decide("pass"))
    refused(filing.waive(digest), 409, "already_decided")


def test_the_pages_show_it_and_take_the_reason(desk: Desk, filing: Filing) -> None:
    office, path = Browser(desk, "office"), f"/screening/cases/{filing.case_id}"
    desk.look_at(filing.case_id)

    assert "前后不一致" in office.open(path)
    office.send(f"{path}/decision", decision="pass", article="附2", status=409)
    assert "还有1处前后不一致没有处理" in office.page
    waive = f"{path}/inconsistencies/{filing.found[0]['digest']}"
    missing = office.send(waive, status=422, reason=" ")
    office.send(waive, reason="演练：口径不同，已说明")

    assert 'name="reason"' in wrong_inputs(missing)
    assert "已认可" in office.page
    assert "演练：口径不同，已说明" in office.page
    assert "通过" in office.send(f"{path}/decision", decision="pass", article="附2")
    office.client.close()


def test_the_applicant_s_page_asks_to_look_again(desk: Desk) -> None:
    one: Enterprise = desk.enterprise()
    window = desk.begin(desk.category("little_giant", GIANT))
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, WRONG))

    browser = Browser(desk, "enterprise", acts_for=(UUID(one.enterprise_id),))

    page = browser.open(f"/portal/applications/{case_id}")

    assert "提交前请核对" in page
    assert "按附5的512.4÷10000计算为5.12" in page
    browser.client.close()
