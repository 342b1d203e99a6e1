"""Conflicts on real servers: before the draw, at the call, while scoring; the pool's two persons; what is contested."""

import re
from uuid import UUID, uuid4

import httpx
import pytest

from shared.kernel.credit_code import make_credit_code
from tests.integration.review.scene import Scene
from tests.integration.review.test_pages import page, send
from tests.integration.servers import eventually

APPLICANT, SISTER = make_credit_code("91370200000000001"), make_credit_code("91370200777777777")


def code(answer: httpx.Response) -> str:
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["code"])


def pooling(scene: Scene) -> UUID:
    ref = scene.hand_over(1)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(ref.stage_id, "pooling", "office")
    return ref.stage_id


CONTRACT = "2025年咨询合同"


def tie(scene: Scene, expert: UUID | str, kind: str = "past_consulting", evidence: str = CONTRACT) -> httpx.Response:
    body = {"kind": kind, "credit_code": APPLICANT, "evidence": evidence}
    return scene.try_post(scene.office, f"/experts/{expert}/ties", body)


def lift(scene: Scene, expert: str, kind: str, evidence: str = CONTRACT) -> None:
    """Contested by one, lifted by another: the pool is as before."""
    quoted = {"expert_id": expert, "kind": kind, "credit_code": APPLICANT, "evidence": evidence}
    contest = {**quoted, "reason": "合同未履行"}
    found = scene.post(scene.office, "/contests", contest)["contest_id"]
    own = scene.try_post(scene.office, f"/contests/{found}/ruling", {"lifted": True, "reason": "已核实"})
    assert code(own) == "same_person"
    scene.post(scene.second, f"/contests/{found}/ruling", {"lifted": True, "reason": "已核实"})


def test_conflicts_known_before_the_draw_exclude_with_their_kind_until_they_are_lifted(scene: Scene) -> None:
    experts = [str(one) for one in scene.record_pool(6, {"media-00": SISTER})]
    stage = pooling(scene)
    tie(scene, experts[0])
    declared = {"kind": "declared_tie", "credit_code": APPLICANT, "evidence": "配偶任职"}
    scene.post(scene.expert(experts[1]), "/own-ties", declared)
    before = scene.get(scene.office, f"/stages/{stage}/conflicts")
    scene.post(scene.office, "/groups", {"name": "演练集团", "credit_codes": [APPLICANT, SISTER], "evidence": "年报"})

    found = scene.get(scene.office, f"/stages/{stage}/conflicts")
    excluded = scene.freeze(stage)["excluded"]
    own = scene.get(scene.expert(experts[1]), "/own-ties")

    assert sorted(one["kind"] for one in before) == ["declared_tie", "past_consulting"]
    assert sorted(one["kind"] for one in found) == ["declared_tie", "group_applies", "past_consulting"]
    assert {one["evidence"] for one in found} == {"2025年咨询合同", "配偶任职", "同属演练集团"}
    assert sorted(one["reason"] for one in excluded) == ["declared_tie", "group_applies", "past_consulting"]
    assert [(one["kind"], one["credit_code"]) for one in own] == [("declared_tie", APPLICANT)]
    assert str(stage) not in str(own)
    for one in found:
        lift(scene, one["expert_id"], one["kind"], one["evidence"])
    assert scene.get(scene.office, f"/stages/{stage}/conflicts") == []


def test_a_lifted_tie_is_recorded_anew_with_other_evidence_alone(scene: Scene) -> None:
    expert = str(scene.record_pool(1)[0])
    stage = pooling(scene)
    tie(scene, expert, evidence="2024年顾问合同")
    lift(scene, expert, "past_consulting", "2024年顾问合同")

    same = tie(scene, expert, evidence="2024年顾问合同")
    before = scene.get(scene.office, f"/stages/{stage}/conflicts")
    tie(scene, expert, evidence="2026年续签合同")
    found = scene.get(scene.office, f"/stages/{stage}/conflicts")

    assert (code(same), same.json()["field"]) == ("tie_lifted", "evidence")
    assert "请写明新的依据" in same.json()["title"]
    assert (before, [one["evidence"] for one in found]) == ([], ["2026年续签合同"])
    lift(scene, expert, "past_consulting", "2026年续签合同")


def test_an_expert_contests_a_tie_on_a_page_and_the_office_rules_in_the_pool(scene: Scene) -> None:
    expert = str(scene.record_pool(1)[0])
    tie(scene, expert, "association_post", "理事名单")
    client, second = scene.browser(expert), scene.browsing("office")
    shown = page(client, "/expert/ties")
    [chosen] = re.findall(r'<option value="([0-9a-f-]{36})">[^<]*理事名单', shown)

    unknown = send(client, shown, "/expert/ties/contest", tie_id=str(uuid4()), reason="已卸任")
    nonsense = send(client, shown, "/expert/ties/contest", tie_id="x", reason="已卸任")
    send(client, shown, "/expert/ties/contest", tie_id=chosen, reason="已卸任")
    waiting = page(client, "/expert/ties")
    pool = page(second, "/expert/pool")
    send(second, pool, "/expert/pool/ruling", answer="lifted", reason="名单有误")

    assert (unknown.status_code, nonsense.status_code) == (404, 422)
    assert "异议待裁定" in waiting
    assert all(words in pool for words in ("待裁定的异议", "理事名单", "已卸任"))
    assert "已解除" in page(client, "/expert/ties")
    assert "待裁定的异议" not in page(second, "/expert/pool")


def test_a_conflict_found_while_scoring_takes_the_expert_from_the_whole_panel(scene: Scene) -> None:
    scene.record_pool(6)
    stage = pooling(scene)
    scene.freeze(stage)
    scene.draw(stage)
    called = scene.members(stage, "called")
    scene.all_undertake(stage)
    scene.until(stage, "scoring")
    tied = called[0]["expert_id"]
    scene.sign_all(stage, tied)

    tie(scene, tied, "association_post")

    eventually(lambda: tied in {one["expert_id"] for one in scene.members(stage, "recused")}, "not recused")
    assert [one for one in scene.get(scene.expert(tied), "/tasks") if one["stage_id"] == str(stage)] == []
    assert scene.panel(stage)["signed"] == 1
    assert scene.panel(stage)["cases"][0]["sheets"] == 0
    assert len(scene.members(stage, "called")) == 1
    lift(scene, tied, "association_post")


def test_a_conflict_found_after_the_sealing_gives_the_alternate_whole_terms(scene: Scene) -> None:
    scene.record_pool(6)
    stage = pooling(scene)
    for member in scene.scoring(stage):
        scene.sign_all(stage, member["expert_id"])
    sealed = scene.until(stage, "sealed", "custodian")
    scene.pass_term(stage)
    tied = scene.members(stage, "undertaken")[0]["expert_id"]

    tie(scene, tied, "legal_representative", "工商登记")
    opened = scene.until(stage, "undertaking", "expert")
    [called] = scene.members(stage, "called")
    scene.all_undertake(stage)
    scene.until(stage, "scoring", "expert")
    scene.sign_all(stage, called["expert_id"])
    scene.until(stage, "sealed", "custodian")

    assert opened["closes_at"] > sealed["closes_at"]
    assert scene.members(stage, "lapsed") == []
    assert scene.panel(stage)["cases"][0]["sheets"] == 7
    lift(scene, tied, "legal_representative", "工商登记")


def test_only_who_was_approved_by_another_and_is_not_suspended_is_drawn(scene: Scene) -> None:
    experts = [str(one) for one in scene.record_pool(6)]
    scene.post(
        scene.office, "/experts", {"login": "media-99", "name": "演练专家99", "pool": "media", "employer": "演练"}
    )
    new = next(one for one in scene.get(scene.office, "/experts") if one["login"] == "media-99")
    alone = scene.try_post(scene.office, "/experts/approve", {"expert_ids": [new["expert_id"]]})
    scene.post(scene.office, f"/experts/{experts[0]}/suspend", {"reason": "投诉核实中"})
    stage = pooling(scene)

    reasons = {one["reason"] for one in scene.freeze(stage)["excluded"]}
    appointed = scene.try_post(scene.office, f"/stages/{stage}/appoint", {"expert_id": new["expert_id"]})

    assert code(alone) == "same_person"
    assert reasons == {"not_approved", "suspended"}
    assert code(appointed) == "panel_state"
    scene.post(scene.office, f"/experts/{experts[0]}/restore", {"reason": "不成立"})
    approved = scene.post(scene.second, "/experts/approve", {"expert_ids": [experts[0], new["expert_id"]]})
    assert approved == {"approved": 2}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"kind": "employer_applies"}, "unknown_kind"),
        ({"kind": "friend"}, "invalid_request"),
        ({"credit_code": "91370200"}, "bad_credit_code"),
        ({"evidence": ""}, "invalid_request"),
    ],
)
def test_a_tie_without_kind_code_or_evidence_is_refused(scene: Scene, changes: dict[str, str], refused: str) -> None:
    expert = scene.record_pool(1)[0]
    body = {"kind": "past_consulting", "credit_code": APPLICANT, "evidence": "合同"} | changes

    assert code(scene.try_post(scene.office, f"/experts/{expert}/ties", body)) == refused


def test_everybody_conflicted_is_refused_with_the_reason_and_a_way_on(scene: Scene) -> None:
    experts = scene.record_pool(3)
    stage = pooling(scene)
    everybody = dict.fromkeys((one["expert_id"] for one in scene.get(scene.office, "/experts")), "均有利害关系")

    refused = scene.try_post(scene.office, f"/stages/{stage}/freeze", {"conflicts": everybody})

    assert len(experts) == 9
    assert code(refused) == "pool_too_small"
    assert "请先补充专家库" in refused.json()["title"]
