"""Who is waited for is told: parties of a draw what is wanted and until when, custodians that shares are wanted."""

from datetime import datetime
from typing import Any

from tests.integration.review.scene import Scene
from tests.integration.review.test_custody import rows
from tests.integration.servers import eventually


def test_parties_and_custodians_are_told_what_is_wanted_of_them(scene: Scene) -> None:
    rows(scene, "UPDATE custody_key SET replaced_at = now() WHERE replaced_at IS NULL RETURNING 1")
    scene.record_pool(5)
    ref = scene.hand_over(1)
    stage = ref.stage_id
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(stage, "pooling", "office")

    def told(template: str, count: int) -> list[dict[str, Any]]:
        def heard() -> list[dict[str, Any]]:
            facts = scene.neighbours.heard("review.notice.due.v1", template=template, category_id=ref.category_id)
            return [one.fact for one in facts]

        eventually(lambda: len(heard()) == count, f"{template}: {len(heard())} notices")
        return heard()

    scene.freeze(stage)
    scene.phase(stage, "committing")
    closes_at = scene.panel(stage)["closes_at"]
    asked = told("commitment_due", 2)
    scene.draw(stage)
    revealed = told("reveal_due", 2)
    keys = told("custody_key_wanted", 3)
    scene.all_undertake(stage)
    scene.until(stage, "scoring", "expert")
    for member in scene.members(stage, "undertaken"):
        scene.sign_all(stage, member["expert_id"])
    scene.until(stage, "sealed", "custodian")
    shares = told("share_wanted", 3)
    scene.give_share(stage, 1)
    second = told("share_wanted", 5)[3:]

    assert [one["recipient_role"] for one in keys] == ["office", "supervisor", "review_chair"]
    assert {one["link"] for one in keys} == {"/expert/custody"}
    custodians = [str(account) for _, account in scene.custodians.values()]
    assert [one["recipient_role"] for one in asked] == ["office", "supervisor"]
    assert {datetime.fromisoformat(one["until"]) for one in asked} == {datetime.fromisoformat(closes_at)}
    assert [one["recipient_id"] for one in revealed] == [str(scene.office_id), str(scene.other_id)]
    assert {one["link"] for one in (*asked, *revealed)} == {f"/expert/panels/{stage}/draw"}
    assert sorted(one["recipient_id"] for one in shares) == sorted(custodians)
    assert sorted(one["recipient_id"] for one in second) == sorted(custodians[1:])
    assert all(one["until"] and one["link"] == f"/expert/panels/{stage}/custody" for one in second)
