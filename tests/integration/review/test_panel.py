"""A panel from the manifest it receives to the one it hands on, on real servers."""

import json
from decimal import Decimal
from fractions import Fraction

from services.review.verify_draw import verify_draw
from shared.contracts.dossiers import Manifest, ReviewDossier
from tests.integration.review.scene import Scene
from tests.integration.servers import eventually


def test_panel_from_manifest_to_manifest(scene: Scene) -> None:
    scene.record_pool(6)
    ref = scene.hand_over(3)
    scene.neighbours.start_stage("PanelReview", ref)
    stage = ref.stage_id
    scene.until(stage, "pooling", "office")

    frozen = scene.freeze(stage)
    drawn = scene.draw(stage)
    scene.all_undertake(stage)
    scene.until(stage, "scoring")
    for place, member in enumerate(scene.members(stage, "undertaken")):
        scene.sign_all(stage, member["expert_id"], points=str(20 + Decimal(place) / 2))
    scene.until(stage, "sealed", "custodian")
    unsealed = scene.unseal(stage)
    eventually(lambda: scene.neighbours.closed(stage), "the stage is not closed")

    transcript = scene.dossier("review", drawn["transcript_digest"])
    assert verify_draw(transcript) == []
    assert json.loads(transcript)["list_digest"] == frozen["list_digest"]
    assert (len(drawn["members"]), unsealed["sheets"]) == (7, 21)
    closed = scene.neighbours.closed(stage)
    assert closed is not None
    manifest = Manifest.model_validate_json(scene.dossier("review", closed.manifest_digest or ""))
    assert (closed.cases, len(manifest.entries), manifest.manifest_id) == (3, 3, closed.manifest_id)
    for entry in manifest.entries:
        dossier = ReviewDossier.model_validate_json(scene.dossier("review", entry.dossier_digest))
        totals = [Fraction(Decimal(sheet.total)) for sheet in dossier.sheets]
        assert Fraction(dossier.mean_numerator, dossier.mean_denominator) == sum(totals) / 7
        assert len(dossier.sheets) == 7
    ties = scene.chair.get(f"/api/review/stages/{stage}/ties")
    assert (ties.status_code, ties.json()["code"]) == (404, "not_found"), "only orders of events have ties"


def test_a_panel_waits_until_it_holds_every_dossier(scene: Scene) -> None:
    ref = scene.hand_over(2, late=True)
    scene.neighbours.start_stage("PanelReview", ref)
    waiting = scene.until(ref.stage_id, "receiving", "dossiers")

    scene.send_late()

    received = scene.until(ref.stage_id, "pooling", "office")
    assert (len(waiting["cases"]), len(received["cases"])) == (0, 2)


def test_a_change_of_the_stage_asked_in_office_is_applied(scene: Scene) -> None:
    ref = scene.hand_over(1)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(ref.stage_id, "pooling", "office")

    scene.change(ref, "pause")
    eventually(lambda: scene.panel(ref.stage_id)["stage_state"] == "paused", "not paused")
    paused = scene.try_post(scene.office, f"/stages/{ref.stage_id}/freeze", {})
    scene.change(ref, "resume")
    eventually(lambda: scene.panel(ref.stage_id)["stage_state"] == "open", "not resumed")
    scene.change(ref, "cancel")
    eventually(lambda: scene.neighbours.closed(ref.stage_id), "not cancelled")

    closed = scene.neighbours.closed(ref.stage_id)
    assert paused.json()["code"] == "stage_state"
    assert closed is not None
    assert (closed.state, closed.manifest_id) == ("cancelled", None)
