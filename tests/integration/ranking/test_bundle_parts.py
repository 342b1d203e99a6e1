"""What ranking lays down for the auditor is what the stand-alone verifier recomputes."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from minio.error import S3Error

from deploy.verify.verify_bundle import Bundle, check_inputs, check_ranks, check_stability
from services.ranking.actions.parts import deposit_stage
from services.ranking.store import entries_of
from shared.infra.stages import stage_row
from tests.integration.ranking.committee import CATEGORY, Committee, reviewed
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import People, ServiceProcess, eventually

PARTS = ("ranking.json", "stability.json")


def halves(case: int) -> Sequence[int]:
    """Seven sheets in half points; two cases alike, the others close together."""
    return [
        180 - 2 * min(case, 12) + sha256(f"{min(case, 12)}/{expert}".encode()).digest()[0] % 9 for expert in range(7)
    ]


@pytest.fixture
def folder(rooms: Rooms, ranking: ServiceProcess, people: People, tmp_path: Path) -> Path:
    """The parts of a decision with thirteen cases on ten places, as they lie in S3."""
    committee = Committee(rooms, people, ranking.origin)
    entries = [reviewed(rooms, 40 + n, (sum(halves(n)), 14), halves=halves(n)) for n in range(1, 14)]
    ref = rooms.hand_over("review", stage_ref("decision", CATEGORY, committee.category_id, committee.cycle_id), entries)
    rooms.fallen = set()
    rooms.start(ref)
    eventually(lambda: committee.get(f"stages/{ref.stage_id}/stability").get("stability"), "not examined")
    rooms.run(deposit(rooms, ref.stage_id))
    found = {one["name"]: one["digest"] for one in rooms.facts("ranking.part.deposited.v1", committee.category_id)}
    eventually(lambda: all(lies(rooms, "ranking", found[name]) for name in PARTS), "the parts were not laid down")
    for name in ("ranking", "review/dossiers"):
        (tmp_path / name).mkdir(parents=True)
    for name in PARTS:
        (tmp_path / "ranking" / name).write_bytes(rooms.read("ranking", found[name]))
    for one in rooms.run(dossiers(rooms, ref.stage_id)):
        (tmp_path / "review" / "dossiers" / f"{one}.json").write_bytes(rooms.read("review", one))
    for name in ("MANIFEST.json", "list.json"):
        (tmp_path / name).write_text("{}")
    committee.http.close()
    return tmp_path


async def deposit(rooms: Rooms, stage_id: UUID) -> None:
    async with rooms.database.transaction() as tx:
        await deposit_stage(tx, await stage_row(tx, stage_id))


async def dossiers(rooms: Rooms, stage_id: UUID) -> list[str]:
    async with rooms.database.transaction() as tx:
        return [one.previous_digest for one in await entries_of(tx, stage_id)]


def lies(rooms: Rooms, service: str, found: str) -> bool:
    try:
        return bool(rooms.read(service, found))
    except S3Error:
        return False


def test_ranks_inputs_and_stability_follow_from_what_was_laid_down(folder: Path) -> None:
    bundle = Bundle(folder)
    stability = bundle.read("ranking/stability.json")

    assert (check_inputs(bundle), check_ranks(bundle), check_stability(bundle)) == ([], [], [])
    assert (stability["runs"], len(stability["inside"])) == (400, 13)

    stability["inside"] = {**stability["inside"], min(stability["inside"]): "1/400"}
    (folder / "ranking" / "stability.json").write_text(json.dumps(stability))
    assert check_stability(bundle) == ["入围比例与重算的不符"]
