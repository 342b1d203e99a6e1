"""Appointed members beside drawn ones: they attend, and score where the rulebook of the panel says so."""

from fractions import Fraction
from uuid import UUID, uuid4

from tests.integration.review.scene import Scene
from tests.integration.review.test_conflicts import lift
from tests.programme.green_workshops import BOOK, CATEGORY, installed


def appointed_on(scene: Scene, stage: UUID) -> str:
    """Appoint somebody who was not drawn, and have him sign the undertaking."""
    on_panel = {one["expert_id"] for one in scene.panel(stage)["members"]}
    found = next(one["expert_id"] for one in scene.get(scene.office, "/experts") if one["expert_id"] not in on_panel)
    scene.post(scene.office, f"/stages/{stage}/appoint", {"expert_id": found})
    scene.undertake(stage, found)
    return str(found)


def sign(scene: Scene, stage: UUID, expert: str, points: str) -> None:
    for case in scene.tasks(stage, expert):
        scene.post(scene.expert(expert), f"/tasks/{case['case_id']}/sign", {"judgements": {"order": points}})


def test_where_the_rulebook_says_so_they_score_and_count_in_the_mean_but_not_for_the_quorum(scene: Scene) -> None:
    with installed():
        scene.record_pool(6)
        ref = scene.hand_over(2, book=BOOK, category=CATEGORY)
        stage = ref.stage_id
        scene.neighbours.start_stage("PanelReview", ref)
        drawn = scene.scoring(stage)

        appointed = appointed_on(scene, stage)
        for member in drawn:
            sign(scene, stage, member["expert_id"], "4")
        waiting = scene.panel(stage)
        sign(scene, stage, appointed, "2")
        scene.until(stage, "sealed", "custodian")
        late = scene.try_post(scene.office, f"/stages/{stage}/appoint", {"expert_id": str(uuid4())})
        scene.unseal(stage)
        _, dossiers = scene.handed_on(stage)

    # Three drawn ones make the quorum; the panel still waits for the appointed one, whose sheets count in the mean.
    assert (len(drawn), waiting["state"], waiting["expected"]) == (3, "scoring", 2)
    assert late.json()["code"] == "panel_state"
    for dossier in dossiers:
        totals = [Fraction(sheet.total) for sheet in dossier.sheets]
        assert len(totals) == 4
        assert max(totals) - min(totals) == 2
        assert Fraction(dossier.mean_numerator, dossier.mean_denominator) == sum(totals) / 4


def test_elsewhere_they_attend_and_find_no_case(scene: Scene) -> None:
    scene.record_pool(6)
    ref = scene.hand_over(1)
    stage = ref.stage_id
    scene.neighbours.start_stage("PanelReview", ref)
    drawn = scene.scoring(stage)

    appointed = appointed_on(scene, stage)

    case = scene.tasks(stage, drawn[0]["expert_id"])[0]["case_id"]
    kinds = {one["expert_id"]: (one["kind"], one["scores"]) for one in scene.panel(stage)["members"]}
    page = scene.browser(appointed).get("/expert").text
    assert scene.tasks(stage, appointed) == []
    assert scene.expert(appointed).get(f"/api/review/tasks/{case}").status_code == 404
    assert kinds[appointed] == ("appointed", False)
    assert scene.panel(stage)["expected"] == 7
    assert "不参与赋分" in page


def test_who_has_a_conflict_is_not_appointed_either(scene: Scene) -> None:
    with installed():
        scene.record_pool(6)
        ref = scene.hand_over(1, book=BOOK, category=CATEGORY)
        stage = ref.stage_id
        scene.neighbours.start_stage("PanelReview", ref)
        scene.scoring(stage)
        on_panel = {one["expert_id"] for one in scene.panel(stage)["members"]}
        # The last: the first experts' ties are others' business.
        *_, free = (one["expert_id"] for one in scene.get(scene.office, "/experts") if one["expert_id"] not in on_panel)
        tie = {"kind": "legal_representative", "credit_code": scene.credit_codes(stage)[0], "evidence": "工商登记"}
        scene.post(scene.office, f"/experts/{free}/ties", tie)

        refused = scene.try_post(scene.office, f"/stages/{stage}/appoint", {"expert_id": free})
        lift(scene, free, tie["kind"], tie["evidence"])

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
