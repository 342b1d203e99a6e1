"""Refusals, recusals, amendments and missing sheets, on real servers."""

from fractions import Fraction
from uuid import UUID

from services.review.domain.sheets import computed_part, population
from shared.contracts.dossiers import ApplicationDossier, ReviewDossier
from shared.contracts.workflows import StageRef
from shared.infra.rulebooks import load_shipped
from shared.kernel.canonical import plain_decimal
from shared.kernel.credit_code import make_credit_code
from tests.integration.review.scene import Scene
from tests.integration.servers import eventually


def pools_of(members: list[dict[str, str]]) -> set[str]:
    return {member["pool"] for member in members}


def test_refusal_and_recusals_bring_alternates(scene: Scene) -> None:
    applicant = make_credit_code("91370200000000001")
    scene.record_pool(7, {"media-00": applicant})
    ref = scene.hand_over(2)
    stage = ref.stage_id
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(stage, "pooling", "office")
    frozen = scene.freeze(stage)
    scene.draw(stage)
    called = scene.members(stage, "called")

    scene.undertake(stage, called[0]["expert_id"], accept=False)
    after_refusal = scene.members(stage, "called")
    scene.all_undertake(stage)
    scene.until(stage, "scoring")
    members = scene.members(stage, "undertaken")
    for member in members[:2]:
        scene.sign_all(stage, member["expert_id"])
    recused, partly = members[0]["expert_id"], members[1]["expert_id"]
    seen = scene.tasks(stage, partly)
    scene.post(scene.office, f"/stages/{stage}/recuse", {"expert_id": recused, "reason": "亲属任职"})
    scene.post(scene.expert(partly), f"/stages/{stage}/recuse", {"case_id": seen[0]["case_id"], "reason": "曾任其顾问"})
    scene.all_undertake(stage)
    for member in scene.members(stage, "undertaken"):
        scene.sign_all(stage, member["expert_id"])
    scene.until(stage, "sealed", "custodian")
    scene.unseal(stage)
    _, dossiers = scene.handed_on(stage)

    assert [one["reason"] for one in frozen["excluded"]] == ["employer_applies"]
    assert (len(called), len(after_refusal), len(members)) == (7, 7, 7)
    assert pools_of(after_refusal) == pools_of(called) == {"economic", "media", "enterprise"}
    hidden = scene.expert(partly).get(f"/api/review/tasks/{seen[0]['case_id']}")
    gone = scene.expert(recused).get(f"/api/review/tasks/{seen[0]['case_id']}")
    assert (hidden.status_code, gone.status_code) == (404, 404)
    # Both left the whole panel: their sheets are kept and not counted, alternates scored every case.
    assert [len(dossier.sheets) for dossier in dossiers] == [7, 7]
    assert scene.panel(stage)["signed"] == 18


def test_cases_that_fall_are_dropped_before_and_struck_after_the_draw(scene: Scene) -> None:
    scene.record_pool(7)
    ref = scene.hand_over(5)
    stage = ref.stage_id
    cases = scene.manifest_of(ref).entries
    scene.neighbours.fallen.add(cases[0].case_id)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(stage, "pooling", "office")
    scene.amend(ref, cases[1], "withdrawn")
    eventually(lambda: standing(scene, stage).count("dropped") == 2, "not dropped")

    members = scene.scoring(stage)
    before = standing(scene, stage)
    scene.neighbours.fallen.clear()
    scene.sign_all(stage, members[0]["expert_id"])
    scene.amend(ref, cases[2], "disqualified")
    eventually(lambda: "struck" in standing(scene, stage), "not struck")
    for member in members[1:]:
        scene.sign_all(stage, member["expert_id"])
    scene.until(stage, "sealed", "custodian")
    scene.unseal(stage)
    manifest, dossiers = scene.handed_on(stage)

    assert sorted(before) == ["dropped", "dropped", "standing", "standing", "standing"]
    assert [entry.number for entry in manifest.entries] == ["演练-004", "演练-005"]
    # Alone with each other the last two would differ less: the struck third still counts in the population.
    assert points_for_research(dossiers) == research_points(ref, scene)


def standing(scene: Scene, stage: UUID) -> list[str]:
    return [case["standing"] for case in scene.panel(stage)["cases"]]


def research_points(ref: StageRef, scene: Scene) -> list[set[str]]:
    """What the rule gives the fourth and fifth case among the third, fourth and fifth."""
    category = load_shipped()[ref.rulebook_id].category(ref.category_key)
    dossiers = [
        ApplicationDossier.model_validate_json(scene.dossier("submission", entry.dossier_digest))
        for entry in scene.manifest_of(ref).entries[2:]
    ]
    among = population(category, dossiers)
    return [{plain_decimal(computed_part(category, one, among).items["rd_share"])} for one in dossiers[1:]]


def points_for_research(dossiers: list[ReviewDossier]) -> list[set[str]]:
    return [{sheet.items["rd_share"] for sheet in dossier.sheets} for dossier in dossiers]


def test_missing_sheets_bring_alternates_then_a_supplementary_draw(scene: Scene) -> None:
    scene.record_pool(8)
    pool = scene.get(scene.office, "/experts")
    ref = scene.hand_over(1)
    stage = ref.stage_id
    scene.neighbours.start_stage("PanelReview", ref)
    members = scene.scoring(stage)
    for member in members[1:]:
        scene.sign_all(stage, member["expert_id"])
    scene.pass_term(stage)
    scene.until(stage, "undertaking", "expert")
    late = scene.expert(members[0]["expert_id"]).get("/api/review/tasks")

    # Every alternate lets the undertaking term pass: nobody is left, the office draws again.
    for _ in range(20):
        panel = scene.panel(stage)
        if panel["state"] == "short":
            break
        closes_at = panel["closes_at"]
        scene.pass_term(stage)
        eventually(
            lambda before=closes_at: (
                scene.panel(stage)["state"] == "short" or scene.panel(stage)["closes_at"] != before
            ),
            "nothing happened after the term",
        )
    scene.until(stage, "short", "office")
    frozen = scene.freeze(stage)
    # Whoever steps aside while the list is drawn from leaves at once, and is replaced after the draw.
    scene.post(scene.office, f"/stages/{stage}/recuse", {"expert_id": members[1]["expert_id"], "reason": "亲属任职"})
    while_frozen = scene.panel(stage)
    drawn = scene.draw(stage)
    scene.all_undertake(stage)
    eventually(lambda: len(scene.members(stage, "called")) == 1, "no alternate")
    scene.all_undertake(stage)
    scene.until(stage, "scoring")
    for member in scene.members(stage, "undertaken"):
        scene.sign_all(stage, member["expert_id"])
    scene.until(stage, "sealed", "custodian")
    scene.unseal(stage)
    _, dossiers = scene.handed_on(stage)

    assert str(stage) not in {one["stage_id"] for one in late.json()}
    assert (while_frozen["state"], while_frozen["cases"][0]["sheets"]) == ("frozen", 5)
    assert (frozen["attempt"], len(drawn["members"]), drawn["members"][0]["because"]) == (2, 1, "all")
    assert frozen["eligible"] == len(pool) - 16
    assert len(dossiers[0].sheets) == 7
    assert Fraction(dossiers[0].mean_numerator, dossiers[0].mean_denominator) > 0
