"""Before the unsealing nobody reads a score; findings are ruled on by two, corrections countersigned unseen."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.infra.files import Files
from tests.integration.review.scene import Scene
from tests.integration.review.test_custody import rows
from tests.integration.review.test_refused import code

MARKER = "标记7f3a9c0b"
SHEET = {"judgements": {"core_technology": "17.5", "integrity": "6.5"}, "reasons": {"integrity": MARKER}}
FINDING = {"rule_id": "quality_bad_faith", "source": "演练：信用平台公示"}


Signed = tuple[Scene, UUID, list[Any], str]


@pytest.fixture(scope="module")
def signed(scene: Scene) -> Signed:
    """A panel of one case that six of seven have signed, recognisably: scene, stage, members, case."""
    scene.record_pool(6)
    ref = scene.hand_over(1)
    scene.neighbours.start_stage("PanelReview", ref)
    members = scene.scoring(ref.stage_id)
    [case] = [one["case_id"] for one in scene.tasks(ref.stage_id, members[0]["expert_id"])]
    scene.expert(members[6]["expert_id"]).put(
        f"/api/review/tasks/{case}/draft", json=SHEET, headers={"Idempotency-Key": str(uuid4())}
    ).raise_for_status()
    for member in members[:6]:
        scene.post(scene.expert(member["expert_id"]), f"/tasks/{case}/sign", SHEET)
    return scene, ref.stage_id, members, case


def test_no_score_is_readable_anywhere_before_the_unsealing(signed: Signed) -> None:
    scene, stage, members, case = signed
    places = {**tables(scene), "logs": scene.process.log.read_text(errors="replace")}
    places |= {f"fact {one.subject}": one.model_dump_json() for one in scene.neighbours.facts}
    places |= objects(scene.files)
    for name, who in {"office": scene.office, "chair": scene.chair, "supervisor": scene.supervisor}.items():
        for path in (f"/stages/{stage}", f"/stages/{stage}/findings", f"/stages/{stage}/custody"):
            places[f"{name} {path}"] = who.get(f"/api/review{path}").text
        for path in (f"/expert/panels/{stage}", f"/expert/panels/{stage}/custody", f"/expert/panels/{stage}/findings"):
            places[f"{name} {path}"] = who.get(path, headers={"Accept": "text/html"}).text
    own = scene.expert(members[0]["expert_id"]).get(f"/expert/tasks/{case}", headers={"Accept": "text/html"}).text

    found = [f"{place}: {word}" for place, text in places.items() for word in forms(MARKER) if word in text]
    # Panels of other tests are unsealed: of the words that every sheet has, only those beside this panel count.
    ours = {
        place: [line for line in text.split("\n") if case in line or str(stage) in line]
        for place, text in places.items()
    }
    found += [
        f"{place}: {word}" for place, lines in ours.items() for word in forms("core_technology") if word in str(lines)
    ]

    assert found == []
    assert len(places) > 30
    assert scene.panel(stage)["signed"] == 6
    assert MARKER not in own
    assert "17.5" not in own


def forms(word: str) -> Iterator[str]:
    """As text, as PostgreSQL prints bytes, and as JSON escapes it."""
    yield word
    yield word.encode().hex()
    yield ascii(word)[1:-1]


def tables(scene: Scene) -> dict[str, str]:
    """Every row of the service's database as text."""

    async def read() -> dict[str, str]:
        connection = await asyncpg.connect(scene.process.settings().database_url)
        names = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'infra')"
        )
        found = {}
        for (name,) in names:
            lines = await connection.fetch(f"SELECT one::text FROM {name} AS one")
            found[str(name)] = "\n".join(line[0] for line in lines)
        await connection.close()
        return found

    return asyncio.run(read())


def objects(files: Files) -> dict[str, str]:
    """Everything in the bucket of dossiers."""
    client = files.client
    return {
        f"{bucket.name}/{one.object_name}": client.get_object(bucket.name, str(one.object_name)).data.decode(
            errors="replace"
        )
        for bucket in client.list_buckets()
        for one in client.list_objects(bucket.name, recursive=True)
    }


def test_findings_are_ruled_on_by_two_and_corrections_countersigned_before_the_unsealing(signed: Signed) -> None:
    scene, stage, members, case = signed
    expert, last = scene.expert(members[0]["expert_id"]), scene.expert(members[6]["expert_id"])

    raised = scene.post(expert, f"/tasks/{case}/findings", FINDING)
    finding = f"/findings/{raised['finding_id']}"
    refused = {
        "again": scene.try_post(last, f"/tasks/{case}/findings", FINDING),
        "supervisor": scene.try_post(scene.supervisor, f"/stages/{stage}/findings", FINDING | {"case_id": case}),
        "chair": scene.try_post(scene.chair, f"/stages/{stage}/findings", FINDING | {"case_id": case}),
        "unknown": scene.try_post(expert, f"/tasks/{case}/findings", FINDING | {"rule_id": "nothing"}),
        "foreign": scene.try_post(expert, f"/tasks/{uuid4()}/findings", FINDING),
        "office rules": scene.try_post(scene.office, f"{finding}/ruling", RULING),
        "not ruled": scene.try_post(scene.office, f"{finding}/confirmation", {"agrees": True}),
        "no article": scene.try_post(scene.chair, f"{finding}/ruling", RULING | {"article": " "}),
    }
    corrected = SHEET | {"judgements": {"core_technology": "20", "integrity": "6.5"}, "reason": "演练：看错材料页码"}
    early = scene.try_post(last, f"/tasks/{case}/correction", corrected)
    correction = scene.post(expert, f"/tasks/{case}/correction", corrected)
    twice = scene.try_post(expert, f"/tasks/{case}/correction", corrected)
    scene.post(last, f"/tasks/{case}/sign", SHEET)
    scene.until(stage, "sealed", "custodian")
    waiting = scene.get(scene.office, f"/stages/{stage}/corrections")
    unsealings = [scene.office.get(f"/api/review/stages/{stage}/unseal")]
    answer = {"digest": correction["sheet_digest"], "accepted": True}
    foreign_digest = scene.try_post(scene.office, f"/stages/{stage}/corrections", answer | {"digest": "0" * 64})
    scene.post(scene.office, f"/stages/{stage}/corrections", answer)
    unsealings.append(scene.office.get(f"/api/review/stages/{stage}/unseal"))
    scene.post(scene.chair, f"{finding}/ruling", RULING)
    ruled_twice = scene.try_post(scene.chair, f"{finding}/ruling", RULING)
    no_reason = scene.try_post(scene.office, f"{finding}/confirmation", {"agrees": False})
    scene.post(scene.office, f"{finding}/confirmation", {"agrees": False, "reason": "演练：依据条款有误"})
    scene.post(scene.chair, f"{finding}/ruling", RULING)
    scene.post(scene.office, f"{finding}/confirmation", {"agrees": True})
    scene.unseal(stage)
    _, [dossier] = scene.handed_on(stage)

    assert {name: code(answer) for name, answer in refused.items()} == {
        "again": "already_raised",
        "supervisor": "already_raised",
        "chair": "already_raised",
        "unknown": "unknown_rule",
        "foreign": "not_found",
        "office rules": "not_allowed",
        "not ruled": "not_ruled",
        "no article": "invalid_request",
    }
    assert (code(early), code(twice), code(foreign_digest)) == ("not_signed", "correction_waits", "not_found")
    assert (code(ruled_twice), code(no_reason)) == ("already_ruled", "reason_needed")
    assert [code(one) for one in unsealings] == ["corrections_open", "findings_open"]
    assert [one["digest"] for one in waiting] == [correction["sheet_digest"]]
    assert "17.5" not in str(waiting)
    assert sorted(sheet.judgements["core_technology"] for sheet in dossier.sheets) == ["17.5"] * 6 + ["20"]
    assert dossier.sheets[0].reasons == {"integrity": MARKER}
    assert dossier.vetoed
    assert [(one.rule_id, one.article) for one in dossier.ruled] == [("quality_bad_faith", "附件四")]
    assert len(rows(scene, "SELECT 1 FROM sheet WHERE stage_id = $1", stage)) == 8


RULING = {"upheld": True, "article": "附件四", "reason": "演练：信用平台公示属实"}
