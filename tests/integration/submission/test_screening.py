"""The office screens: decisions, rectification and its end, disqualification, the manifest and what comes after it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.contracts.dossiers import ApplicationDossier, Manifest
from shared.infra.files import Files
from shared.infra.rulebooks import load_shipped
from shared.kernel.credit_code import make_credit_code
from tests.integration.servers import eventually, key
from tests.integration.submission.desk import API, FIGURES, GIANT, Desk, Enterprise, Place, good, refused
from tests.pdfs import pdf

ITEMS = [{"field": "revenue_this_year", "reason": "与审计报告不一致"}, {"field": "audit_report", "reason": "缺页"}]


@pytest.fixture
def place(desk: Desk) -> Place:
    return desk.category()


@pytest.fixture
def filed(desk: Desk, place: Place) -> tuple[Enterprise, str]:
    """One filing in a category whose screening has begun."""
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(place))
    desk.begin(place, "screening")
    return one, case_id


def test_a_passed_case_is_handed_over_in_the_manifest(desk: Desk, place: Place) -> None:
    window = desk.begin(place)
    passed, rejected = desk.enterprise(), desk.enterprise()
    case_ids = [desk.file(passed, window), desk.file(rejected, window)]
    stage = desk.begin(place, "screening")
    finding = {"kind": "on_site", "source": "市工业和信息化局", "found_on": "2026-02-10", "finding": "与申报一致"}
    good(desk.office.post(f"{API}/cases/{case_ids[0]}/investigations", json=finding, headers=key()))
    refused(desk.end(stage), 409, "undecided")
    good(desk.decide(case_ids[0], "pass"))
    good(desk.decide(case_ids[1], "reject"))

    good(desk.end(stage))

    manifest_id, digest = desk.await_manifest(stage)
    manifest = Manifest.model_validate_json(_dossier(desk, digest))
    assert manifest.manifest_id == manifest_id
    assert [str(entry.case_id) for entry in manifest.entries] == case_ids[:1]
    dossier = ApplicationDossier.model_validate_json(_dossier(desk, manifest.entries[0].dossier_digest))
    assert dossier.number == manifest.entries[0].number
    assert [one.finding for one in dossier.investigations] == ["与申报一致"]
    assert dossier.figures["revenue_this_year"] == "2000"
    assert [one.kind for one in dossier.evidence] == ["audit_report"]
    assert desk.state(rejected, case_ids[1]) == "rejected"
    deposited = "submission.part.deposited.v1"
    eventually(lambda: desk.outside.heard(deposited, category_id=place.category_id), "no part was deposited")
    parts = desk.outside.heard(deposited, category_id=place.category_id)
    assert [(part["name"], part["audience"], part["digest"]) for part in parts] == [
        ("manifest-screening.json", "auditor", digest)
    ]


def _dossier(desk: Desk, digest: str) -> bytes:
    return asyncio.run(Files(desk.process.settings()).get_dossier("submission", digest))


def test_a_second_decision_is_refused(desk: Desk, filed: tuple[Enterprise, str]) -> None:
    good(desk.decide(filed[1], "pass"))

    refused(desk.decide(filed[1], "reject"), 409, "already_decided")
    refused(desk.decide(filed[1], "pass"), 409, "already_decided")


def test_a_decision_on_an_old_version_is_refused(desk: Desk, filed: tuple[Enterprise, str]) -> None:
    version = desk.desk_case(filed[1])["version"]

    refused(desk.decide(filed[1], "pass", expected_version=version - 1), 409, "stale_version")


def test_of_two_simultaneous_decisions_one_stands(desk: Desk, filed: tuple[Enterprise, str]) -> None:
    desk.look_at(filed[1])
    version = desk.desk_case(filed[1])["version"]

    with ThreadPoolExecutor(2) as persons:
        answers = list(
            persons.map(
                lambda word: desk.decide(filed[1], word, expected_version=version, looked=False), ("pass", "reject")
            )
        )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(desk.desk_case(filed[1])["decisions"]) == 1


def test_a_decision_by_the_wrong_role_is_refused(desk: Desk, filed: tuple[Enterprise, str]) -> None:
    one, case_id = filed
    body = {"decision": "pass", "article": "第十九条", "expected_version": 4}
    for client in (one.client, desk.person("supervisor"), desk.person("auditor"), desk.person("expert")):
        refused(client.post(f"{API}/cases/{case_id}/decision", json=body, headers=key()), 403, "not_allowed")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"article": "第九十九条"}, "unknown_article"),
        ({"decision": "reject", "reason": " "}, "reason"),
        ({"decision": "rectify", "items": []}, "no_items"),
        ({"decision": "rectify", "items": [{"field": "nothing", "reason": "x"}]}, "unknown_item"),
        ({"decision": "rectify", "items": [{"field": "audit_report", "reason": ""}]}, "reason"),
    ],
)
def test_a_decision_without_grounds_is_refused(
    desk: Desk, filed: tuple[Enterprise, str], more: dict[str, Any], code: str
) -> None:
    refused(desk.decide(filed[1], more.pop("decision", "pass"), **more), 422, code)

    assert desk.state(*filed) == "accepted"


def test_no_decision_before_screening(desk: Desk, place: Place) -> None:
    case_id = desk.file(desk.enterprise(), desk.begin(place))

    refused(desk.decide(case_id, "pass"), 409, "screening_not_open")


def test_a_rectification_reopens_only_the_named_fields(desk: Desk, filed: tuple[Enterprise, str]) -> None:
    one, case_id = filed
    good(desk.decide(case_id, "rectify", items=ITEMS))
    view = good(one.client.get(f"{API}/applications/{case_id}"))
    assert (view["state"], view["who_must_act"]) == ("rectifying", "enterprise")
    assert [item["label"] for item in view["rectification"]["items"]] == ["本年度营业收入", "审计报告"]
    assert view["until"] == view["rectification"]["closes_at"]
    assert len(view["rectification"]["counted_days"]) == 5

    refused(desk.enter(one, case_id, {"revenue_last_year": 5}), 422, "field_not_reopened")
    refused(desk.announce(one, case_id, kind="proof", figures=["revenue_last_year"]), 422, "field_not_reopened")
    refused(desk.decide(case_id, "pass"), 409, "case_state")
    good(desk.enter(one, case_id, {"revenue_this_year": "2100.5"}))
    desk.attach(one, case_id, pdf(b"corrected"))
    good(one.client.post(f"{API}/applications/{case_id}/resubmit", headers=key()))

    view = good(one.client.get(f"{API}/applications/{case_id}"))
    assert (view["state"], view["rectification"]["state"]) == ("accepted", "fulfilled")
    assert view["figures"]["revenue_this_year"] == "2100.5"
    refused(desk.decide(case_id, "rectify", items=ITEMS), 409, "rectified_once")
    refused(desk.enter(one, case_id, {"revenue_this_year": 1}), 409, "case_state")
    good(desk.decide(case_id, "pass"))


def test_a_rectification_that_is_not_answered_lapses_at_the_end_of_its_term(
    desk: Desk, filed: tuple[Enterprise, str]
) -> None:
    one, case_id = filed
    good(desk.decide(case_id, "rectify", items=ITEMS))
    closes_at = desk.desk_case(case_id)["rectification"]["closes_at"]
    notice = "submission.notice.due.v1"

    desk.outside.move_clock(datetime.fromisoformat(closes_at) - timedelta(days=1))
    eventually(lambda: desk.outside.heard(notice, case_id=case_id, template="rectification_reminder"), "no reminder")
    assert desk.state(one, case_id) == "rectifying"
    desk.outside.move_clock(datetime.fromisoformat(closes_at))

    eventually(lambda: desk.state(one, case_id) == "lapsed", "the case does not lapse")
    refused(desk.enter(one, case_id, {"revenue_this_year": 1}), 409, "case_state")
    decision = desk.desk_case(case_id)["decisions"]
    assert [(each["outcome"], each["article"]) for each in decision] == [("lapsed", "第十九条")]
    assert len(desk.outside.heard(notice, case_id=case_id, template="rectification_reminder")) == 1


def test_filing_after_the_window_is_refused(desk: Desk, place: Place) -> None:
    window = desk.begin(place)
    late, later = desk.enterprise(), desk.enterprise()
    case_id = good(desk.open(late, window))["case_id"]
    good(desk.enter(late, case_id, FIGURES))
    desk.attach(late, case_id)

    desk.outside.move_clock(desk.closes_at(window))

    eventually(lambda: desk.outside.closed(window), "the window does not close")
    refused(desk.submit(late, case_id), 409, "stage_closed")
    refused(desk.open(later, window), 409, "stage_closed")
    refused(desk.enter(late, case_id, {"revenue_this_year": 1}), 409, "stage_closed")
    view = good(late.client.get(f"{API}/applications/{case_id}"))
    assert (view["state"], view["who_must_act"], view["next_step"][:5]) == ("draft", None, "申报已截止")
    reminded = desk.outside.heard("submission.notice.due.v1", case_id=case_id, template="window_reminder")
    assert len(reminded) <= 1


def test_a_withdrawal_before_the_manifest_frees_the_enterprise(desk: Desk, place: Place) -> None:
    window = desk.begin(place)
    one = desk.enterprise()
    case_id = desk.file(one, window)

    path = f"{API}/applications/{case_id}/withdraw"
    good(one.client.post(path, json={"reason": "另有安排"}, headers=key()))

    assert desk.state(one, case_id) == "withdrawn"
    refused(one.client.post(path, json={"reason": "再次"}, headers=key()), 409, "case_state")
    good(desk.open(one, window))
    eventually(lambda: desk.outside.heard("submission.application.withdrawn.v1", case_id=case_id), "no fact")
    assert desk.outside.heard("submission.case.amended.v1", case_id=case_id) == []


def test_gates_learn_who_left_after_the_manifest(desk: Desk, place: Place) -> None:
    window = desk.begin(place)
    stays, leaves, cheats = desk.enterprise(), desk.enterprise(), desk.enterprise()
    cases = [desk.file(one, window) for one in (stays, leaves, cheats)]
    stage = desk.begin(place, "screening")
    for case_id in cases:
        good(desk.decide(case_id, "pass"))
    good(desk.end(stage))
    manifest_id, _ = desk.await_manifest(stage)
    first = desk.outside.confirm_standing(manifest_id, place.category_id, "draw")

    path = f"{API}/applications/{cases[1]}/withdraw"
    good(leaves.client.post(path, json={"reason": "另有安排"}, headers=key()))
    good(desk.disqualify(cases[2]))

    fallen = {UUID(case_id) for case_id in cases[1:]}
    second = desk.outside.confirm_standing(manifest_id, place.category_id, "unsealing")
    assert first.fallen == ()
    assert set(second.fallen) == fallen
    assert desk.outside.confirm_standing(manifest_id, place.category_id, "draw") == first
    assert desk.outside.confirm_standing(manifest_id, place.category_id, "unsealing") == second
    amended = "submission.case.amended.v1"
    eventually(lambda: len(desk.outside.heard(amended, category_id=place.category_id)) == 2, "no amendments")
    kinds = {fact["case_id"]: fact["kind"] for fact in desk.outside.heard(amended, category_id=place.category_id)}
    assert kinds == {cases[1]: "withdrawn", cases[2]: "disqualified"}
    good(desk.reinstate(cases[2]))
    third = desk.outside.confirm_standing(manifest_id, place.category_id, "ranking")
    assert third.fallen == (UUID(cases[1]),)
    eventually(lambda: desk.outside.heard(amended, case_id=cases[2], kind="reinstated"), "no reinstatement")
    refused(desk.reinstate(cases[1]), 409, "case_state")
    finding = {"kind": "audit", "source": "审计", "found_on": "2026-03-01", "finding": "x"}
    late = desk.office.post(f"{API}/cases/{cases[0]}/investigations", json=finding, headers=key())
    refused(late, 409, "handed_over")


def test_disqualification_needs_two_persons_for_exactly_this(desk: Desk, filed: tuple[Enterprise, str]) -> None:
    one, case_id = filed
    body = {"article": "第十九条", "reason": "申报材料弄虚作假"}
    path = f"{API}/cases/{case_id}/disqualify"
    wanted = good(desk.office.get(path, params=body))

    refused(desk.office.post(path, json=body, headers=key()), 422, "second_person")
    other = desk.two_persons(wanted["act"], "0" * 64)
    refused(desk.office.post(path, json=body, headers=other), 422, "ticket_mismatch")
    alone = {**key(), "X-Ticket": desk.people.ticket(wanted["act"], wanted["digest"], desk.office_id, desk.office_id)}
    refused(desk.office.post(path, json=body, headers=alone), 403, "not_allowed")
    assert desk.state(one, case_id) == "accepted"
    headers = desk.two_persons(wanted["act"], wanted["digest"])
    good(desk.office.post(path, json=body, headers=headers))

    again = {**headers, **key()}
    refused(desk.office.post(path, json=body, headers=again), 409, "case_state")
    assert desk.state(one, case_id) == "disqualified"
    decided = "submission.case.decided.v1"
    eventually(lambda: desk.outside.heard(decided, case_id=case_id), "no fact")
    assert desk.outside.heard(decided, case_id=case_id)[0]["outcome"] == "disqualified"


def test_a_disqualification_taken_back_returns_the_case_to_where_it_was(desk: Desk, place: Place) -> None:
    window = desk.begin(place)
    passed, undecided = desk.enterprise(), desk.enterprise()
    cases = [desk.file(passed, window), desk.file(undecided, window)]
    desk.begin(place, "screening")
    good(desk.decide(cases[0], "pass"))
    for case_id in cases:
        good(desk.disqualify(case_id))
        good(desk.reinstate(case_id))

    assert (desk.state(passed, cases[0]), desk.state(undecided, cases[1])) == ("passed", "accepted")
    refused(desk.decide(cases[1], "rectify", items=ITEMS), 409, "rectified_once")
    good(desk.decide(cases[1], "pass"))
    good(desk.disqualify(cases[1]))


# -- categories without an application form, and targets ---------------------------------------------------------------


def test_an_intake_needs_no_form_and_all_its_cases_are_handed_over(desk: Desk) -> None:
    place = desk.category("trade_pioneer")
    stage = desk.begin(place, "intake")
    rows = [
        {
            "name": f"演练外贸企业{number}",
            "credit_code": make_credit_code(f"9137021177700{number:04d}"),
            "variant": "manufacturing",
            "figures": {
                "registered_in_qingdao": True,
                "trade_amount_this_year": 1000 + number,
                "trade_amount_last_year": None,
                "general_violations": 0,
            },
        }
        for number in range(3)
    ]
    path = f"{API}/intake/{stage}/subjects"
    broken = [{**rows[0], "figures": {"trade_amount_this_year": "很多"}}]
    refused(desk.office.post(path, json={"source": "海关统计", "subjects": broken}, headers=key()), 422, "figures")

    good(desk.office.post(path, json={"source": "海关统计", "subjects": rows}, headers=key()))
    refused(
        desk.office.post(path, json={"source": "海关统计", "subjects": rows[:1]}, headers=key()),
        409,
        "already_recorded",
    )
    good(desk.end(stage))

    _, digest = desk.await_manifest(stage)
    manifest = Manifest.model_validate_json(_dossier(desk, digest))
    assert [(entry.number, entry.variant) for entry in manifest.entries] == [
        (f"TP-2025-00{place_}", "manufacturing") for place_ in (1, 2, 3)
    ]


def test_an_organisation_without_a_published_code_is_taken_in_by_its_name(desk: Desk) -> None:
    platforms = desk.begin(desk.category("service_platform", GIANT), "intake")
    traders = desk.begin(desk.category("trade_pioneer"), "intake")
    rules = load_shipped()[GIANT].category("service_platform")
    figures = {fact.id: None for fact in rules.facts} | {"satisfaction": "100"}
    row = {"name": "演练平台 甲", "figures": figures, "official": {"outcome": "approved"}}

    def take_in(stage: UUID, *rows: dict[str, Any]) -> httpx.Response:
        body = {"source": "演练：已公布的表", "subjects": rows}
        return desk.office.post(f"{API}/intake/{stage}/subjects", json=body, headers=key())

    good(take_in(platforms, row))
    refused(take_in(platforms, {**row, "name": "演练平台甲"}), 409, "already_recorded")
    refused(take_in(platforms, {**row, "name": "　"}), 422, "name")
    traded = {
        "registered_in_qingdao": True,
        "trade_amount_this_year": 2,
        "trade_amount_last_year": 1,
        "general_violations": 0,
    }
    refused(take_in(traders, {"name": "演练外贸企业", "variant": "other", "figures": traded}), 422, "credit_code")
    good(desk.end(platforms))

    _, digest = desk.await_manifest(platforms)
    [entry] = Manifest.model_validate_json(_dossier(desk, digest)).entries
    assert (entry.number, entry.subject.name, entry.subject.credit_code) == ("SP-2025-001", "演练平台 甲", None)
    filed = ApplicationDossier.model_validate_json(_dossier(desk, entry.dossier_digest))
    assert (filed.figures["satisfaction"], filed.official) == ("100", {"outcome": "approved"})


def test_media_nominate_and_the_office_keeps_twenty(desk: Desk) -> None:
    place = desk.category("economic_event")
    stage = desk.begin(place, "nomination")
    media = desk.person("media")
    path = f"{API}/nominations/{stage}"
    figures = {"event_summary": "演练事件", "happened_in_qingdao": True, "happened_in_award_year": True}

    def nominate(number: int, **more: Any) -> Any:
        body = {"title": f"演练经济事件{number:02d}", "figures": {**figures, **more}}
        return media.post(path, json=body, headers=key())

    cases = [good(nominate(number))["case_id"] for number in range(21)]
    refused(nominate(3), 409, "already_recorded")
    refused(nominate(50, happened_in_qingdao=False), 422, "not_eligible")
    refused(desk.office.post(path, json={"title": "x", "figures": figures}, headers=key()), 403, "not_allowed")
    refused(desk.end(stage), 422, "too_many")
    refused(desk.end(stage, selected=[*cases[:19], str(uuid4())]), 422, "unknown_case")
    good(desk.end(stage, selected=cases[1:]))

    _, digest = desk.await_manifest(stage)
    manifest = Manifest.model_validate_json(_dossier(desk, digest))
    assert [str(entry.case_id) for entry in manifest.entries] == cases[1:]
    assert manifest.entries[0].subject.name == "演练经济事件01"


def test_actuals_are_filed_against_targets_that_two_persons_locked(desk: Desk) -> None:
    place = desk.category("little_giant", GIANT)
    facts = load_shipped()[GIANT].category("little_giant").facts
    targets = {fact.id: None for fact in facts if fact.filled_by == "office"} | {"rd_intensity_target": 6}
    actuals = {fact.id: None for fact in facts if fact.filled_by == "applicant"} | {"rd_intensity_actual": "6.43"}
    window = desk.begin(place)
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    refused(desk.enter(one, case_id, targets), 422, "figures")
    good(desk.enter(one, case_id, actuals))
    desk.attach(one, case_id, kind="proof")
    refused(desk.submit(one, case_id), 409, "targets_not_locked")
    row = {"enterprise_id": one.enterprise_id, "figures": targets}
    body = {"stage_id": str(window), "source": "批复的实施方案", "targets": [row]}
    missing = {**body, "targets": [{**row, "figures": {"rd_intensity_target": 6}}]}
    refused(desk.office.post(f"{API}/targets", json=missing, headers=key()), 422, "figures")
    good(desk.office.post(f"{API}/targets", json=body, headers=key()))
    wanted = good(desk.office.get(f"{API}/targets/lock", params={"stage_id": str(window)}))
    lock = {"stage_id": str(window)}
    refused(desk.office.post(f"{API}/targets/lock", json=lock, headers=key()), 422, "second_person")

    good(desk.office.post(f"{API}/targets/lock", json=lock, headers=desk.two_persons(wanted["act"], wanted["digest"])))

    refused(desk.office.post(f"{API}/targets", json=body, headers=key()), 409, "targets_locked")
    good(desk.submit(one, case_id))
    figures = desk.desk_case(case_id)["figures"]
    assert (figures["rd_intensity_target"], figures["rd_intensity_actual"]) == ("6", "6.43")
    assert desk.desk_case(case_id)["number"] == "LG-2025-001"
