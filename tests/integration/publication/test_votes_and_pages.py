"""A public vote, and the pages of the office, on real servers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import uuid4

from shared.contracts.dossiers import Manifest, ManifestEntry
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import StageRef
from shared.infra.clocks import new_id
from tests.integration.publication.acts import Publication, answered
from tests.integration.publication.rooms import Place, Rooms
from tests.integration.servers import eventually, key


def _vote(rooms: Rooms, place: Place, names: list[str]) -> StageRef:
    entries = tuple(
        ManifestEntry(
            case_id=uuid4(), number=f"SJ-2026-{n:03d}", dossier_digest="0" * 64, subject=CaseSubject(name=name)
        )
        for n, name in enumerate(names, 1)
    )
    where = place.model_dump(include={"cycle_id", "category_id"})
    manifest = Manifest(manifest_id=new_id(), source="submission", stage_id=uuid4(), entries=entries, **where)
    digest = rooms.put("submission", manifest)
    ref = place.stage(
        "public_vote", manifest_id=manifest.manifest_id, manifest_digest=digest, manifest_source="submission"
    )
    rooms.start(ref)
    return ref


def test_one_vote_a_token_and_counts_after_the_end(publication: Publication, rooms: Rooms) -> None:
    place = publication.open_category("economic_event")
    ref = _vote(rooms, place, ["演练事件一", "演练事件二"])
    path = f"/api/publication/polls/{ref.stage_id}"
    eventually(lambda: publication.public.get(path).status_code == 200, "the vote was not opened")
    same = key()
    token = answered(publication.public.post(f"{path}/tokens", headers=same), 201)["token"]
    assert answered(publication.public.post(f"{path}/tokens", headers=same), 201)["token"] == token

    ballot = {"token": token, "choices": ["SJ-2026-002"]}
    receipt = answered(publication.public.post(f"{path}/votes", json=ballot), 201)["receipt"]
    assert answered(publication.public.post(f"{path}/votes", json=ballot), 201)["receipt"] == receipt
    changed = publication.public.post(f"{path}/votes", json={**ballot, "choices": ["SJ-2026-001"]})
    assert (changed.status_code, changed.json()["code"]) == (409, "already_voted")
    forged = publication.public.post(f"{path}/votes", json={**ballot, "token": "x" * 40})
    assert forged.json()["code"] == "unknown_token"
    statuses = [publication.public.post(f"{path}/tokens", headers=key()).status_code for _ in range(6)]
    assert statuses[-1] == 429
    assert answered(publication.public.get(path))["counts"] is None

    rooms.move_clock(datetime.fromisoformat(answered(publication.public.get(path))["closes_at"]))
    eventually(lambda: publication.closed(place, "public_vote"), "the vote was not closed")
    shown = answered(publication.public.get(path))
    assert shown["counts"] == {"SJ-2026-001": 0, "SJ-2026-002": 1}
    assert publication.closed(place, "public_vote")[0]["manifest_id"] is None
    page = publication.public.get(f"/votes/{ref.stage_id}", headers={"Accept": "text/html"})
    assert "计票结果" in page.text
    late = publication.public.post(f"{path}/tokens", headers=key())
    assert late.status_code == 409


def test_pages_of_the_office_and_of_the_public_are_served(
    publication: Publication, rooms: Rooms, public_dir: Path
) -> None:
    place = publication.open_category("new_quality_pioneer")
    publicity, _ = rooms.publicity(place, ["演练企业001"])
    eventually(
        lambda: rooms.scalar("SELECT waits_for FROM infra.stage WHERE stage_id = :id", id=publicity.stage_id), "no list"
    )
    html = {"Accept": "text/html"}
    for path in ("/lists/manage", "/lists/manage/objections", "/lists/manage/releases"):
        assert publication.office.get(path, headers=html).status_code == 200, path
        assert publication.public.get(path, headers=html, follow_redirects=False).status_code == 303
    assert "演练企业001" in publication.office.get("/lists/manage", headers=html).text
    for path in ("/", "/programmes", "/lists", "/results", "/objections", "/votes", "/verify"):
        assert publication.public.get(path, headers=html).status_code == 200, path
        assert (public_dir / path.lstrip("/") / "index.html").is_file(), path
    assert {"verify_bundle.py", "verify_draw.py", "draw.md"} <= {one.name for one in (public_dir / "verify").iterdir()}
