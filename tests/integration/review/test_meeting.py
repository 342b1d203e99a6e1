"""The review meeting: recorded by the office; where the rulebook wants presence, only who came signs."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.integration.review.scene import Scene
from tests.integration.review.test_refused import GOOD, code
from tests.integration.servers import key


def record(scene: Scene, stage: UUID, **wanted: Any) -> httpx.Response:
    body = {"held_on": str(date(2026, 1, 5)), "place": "演练会议室", "present": [], "remote": []} | wanted
    return scene.office.put(f"/api/review/stages/{stage}/meeting", json=body, headers=key())


def test_office_records_who_attended_and_whether_there_was_a_quorum(scene: Scene) -> None:
    scene.record_pool(6)
    ref = scene.hand_over(1)
    stage = ref.stage_id
    scene.neighbours.start_stage("PanelReview", ref)
    members = [one["expert_id"] for one in scene.scoring(stage)]
    before = scene.get(scene.chair, f"/stages/{stage}/meeting")

    refused = {
        "stranger": record(scene, stage, present=[str(uuid4())]),
        "both": record(scene, stage, present=members[:1], remote=members[:1]),
        "tomorrow": record(scene, stage, held_on="2999-01-01"),
        "no place": record(scene, stage, place=" "),
    }
    first = record(scene, stage, present=members[:3])
    second = record(scene, stage, present=members[:5], remote=members[5:7])
    after = scene.get(scene.chair, f"/stages/{stage}/meeting")
    shown = scene.office.get(f"/expert/panels/{stage}/meeting", headers={"Accept": "text/html"}).text
    [case] = scene.tasks(stage, members[6])
    remotely = scene.try_post(scene.expert(members[6]), f"/tasks/{case['case_id']}/sign", GOOD)

    assert (before["held_on"], before["has_quorum"], before["remote_scoring"]) == (None, False, True)
    assert {name: code(answer) for name, answer in refused.items()} == {
        "stranger": "attendance_wrong",
        "both": "attendance_wrong",
        "tomorrow": "meeting_not_held",
        "no place": "invalid_request",
    }
    assert (first.json()["attended"], second.json()["attended"]) == (3, 7)
    assert (after["place"], after["attended"], after["has_quorum"]) == ("演练会议室", 7, True)
    assert [one["how"] for one in after["attendees"]].count("remote") == 2
    assert "符合人数要求" in shown
    assert remotely.status_code == 200
