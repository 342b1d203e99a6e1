"""The order of events, from the nominated to the ranked, on real servers."""

from tests.integration.review.scene import Scene
from tests.integration.servers import eventually


def test_events_are_ordered_sealed_and_ties_decided_by_the_chair(scene: Scene) -> None:
    experts = [str(one) for one in scene.record_pool(3)[:7]]
    ref = scene.hand_over(4, category="economic_event", kind="event_ordering")
    stage = ref.stage_id
    events = [str(entry.case_id) for entry in scene.manifest_of(ref).entries]
    scene.neighbours.start_stage("EventOrdering", ref)
    scene.until(stage, "pooling", "office")
    for expert in experts:
        scene.post(scene.office, f"/stages/{stage}/appoint", {"expert_id": expert})
        scene.undertake(stage, expert)
    scene.until(stage, "scoring", "expert")

    # Three put the first two one way, three the other, one puts both equally behind the third.
    first, second, third, last = events
    orders = [[first, second, third, last]] * 3 + [[second, first, third, last]] * 3
    incomplete = scene.try_post(scene.expert(experts[0]), f"/stages/{stage}/order", {"order": events[:3]})
    twice = scene.try_post(scene.expert(experts[0]), f"/stages/{stage}/order", {"order": [first, first, third, last]})
    for expert, order in zip(experts[:6], orders, strict=True):
        scene.post(scene.expert(expert), f"/stages/{stage}/order", {"order": order})
    scene.amend(ref, scene.manifest_of(ref).entries[3], "withdrawn")
    eventually(lambda: scene.panel(stage)["cases"][0] and standing(scene, stage).count("struck") == 1, "not struck")
    scene.post(scene.expert(experts[6]), f"/stages/{stage}/order", {"order": [third, first, second]})
    scene.until(stage, "sealed", "custodian")
    scene.unseal(stage)
    scene.until(stage, "settled")
    manifest, dossiers = scene.handed_on(stage)

    assert incomplete.json()["code"] == "order_incomplete"
    assert twice.json()["code"] == "ordered_twice"
    assert [str(entry.case_id) for entry in manifest.entries] == events[:3]
    by_case = {str(one.case_id): one for one in dossiers}
    ranked = sorted(by_case, key=lambda case: by_case[case].mean_numerator, reverse=True)
    assert ranked == [first, second, third]
    assert {one.mean_denominator for one in dossiers} == {7_000_000}


def standing(scene: Scene, stage: object) -> list[str]:
    return [case["standing"] for case in scene.panel(stage)["cases"]]


def test_chair_decides_ties_with_a_reason(scene: Scene) -> None:
    experts = [str(one) for one in scene.record_pool(3)[:8]]
    ref = scene.hand_over(3, category="economic_event", kind="event_ordering")
    stage = ref.stage_id
    first, second, third = [str(entry.case_id) for entry in scene.manifest_of(ref).entries]
    scene.neighbours.start_stage("EventOrdering", ref)
    scene.until(stage, "pooling", "office")
    for expert in experts:
        scene.post(scene.office, f"/stages/{stage}/appoint", {"expert_id": expert})
    for expert in experts:
        scene.undertake(stage, expert)
    scene.until(stage, "scoring", "expert")
    for place, expert in enumerate(experts):
        order = [first, second, third] if place % 2 else [second, first, third]
        scene.post(scene.expert(expert), f"/stages/{stage}/order", {"order": order})
    scene.until(stage, "sealed", "custodian")
    scene.unseal(stage)
    scene.until(stage, "unsealed", "review_chair")

    question = scene.get(scene.chair, f"/stages/{stage}/ties")
    wrong = scene.try_post(scene.chair, f"/stages/{stage}/ties", {"ordered": [first, third], "reason": "影响更大"})
    not_chair = scene.try_post(
        scene.expert(experts[0]), f"/stages/{stage}/ties", {"ordered": [second, first], "reason": "影响更大"}
    )
    scene.post(scene.chair, f"/stages/{stage}/ties", {"ordered": [second, first], "reason": "影响更大"})
    _, dossiers = scene.handed_on(stage)

    assert question["ties"] == [sorted([first, second])]
    assert wrong.json()["code"] == "ties_incomplete"
    assert not_chair.status_code == 403
    by_case = {str(one.case_id): one for one in dossiers}
    assert by_case[second].mean_numerator > by_case[first].mean_numerator > by_case[third].mean_numerator
