"""Every route of publication that names an object, by role; nothing of an objector on any list that outsiders see."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from tests.contract.declared import declare
from tests.integration.publication.acts import OBJECTION, Publication
from tests.integration.publication.rooms import Rooms
from tests.integration.relations import Relations
from tests.integration.servers import People, ServiceProcess

API = "/api/publication"
RULING = {"upheld": False, "reason": "演练：不成立"}
BODIES = {
    f"POST {API}/objections/{{objection_id}}/rule": RULING,
    f"POST {API}/objections/{{objection_id}}/reject-inadmissible": {"reason": "演练"},
    f"POST {API}/categories/{{category_id}}/termination": {"reason": "演练", "channel": "演练", "address": "演练"},
    "POST /lists/manage/objections/{objection_id}/{step}": {"reason": "演练"},
}


def objected(publication: Publication, rooms: Rooms, name: str) -> dict[str, str]:
    """A notice in force with an objection, and the ids of everything in it."""
    place = publication.open_category("new_quality_pioneer")
    publicity, lines = rooms.publicity(place, [f"演练企业{name}"])
    publication.post(publicity.stage_id)
    filed = publication.object_to(publicity.stage_id, lines[0].number).raise_for_status().json()
    return {
        "stage_id": str(publicity.stage_id),
        "objection_id": str(filed["objection_id"]),
        "cycle_id": str(place.cycle_id),
        "category_id": str(place.category_id),
        "listing_id": str(uuid4()),
        "step": "admit",
    }


def test_every_route_and_role_is_told_what_the_table_says_whatever_it_names(
    publication: Publication,
    rooms: Rooms,
    process: ServiceProcess,
    people: People,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    own, foreign = objected(publication, rooms, "甲"), objected(publication, rooms, "乙")
    relations = Relations(process, people, uuid4(), (), own=own, foreign=foreign, bodies=BODIES)
    routes = declare("publication", tmp_path).routes
    named = [one for one in routes if relations.covers(one)]
    lists = [one for one in routes if "{" not in one.path and not one.writes and one.act is None]

    relations.check(sorted(named, key=lambda one: one.writes))
    relations.sees(lists, (OBJECTION["name"], OBJECTION["contact"], OBJECTION["text"]))

    print(f"publication: {relations.assertions} assertions on {len(named)} routes and {len(lists)} open lists")
    record_property("assertions", relations.assertions)
    assert relations.wrong == []
    assert len(named) >= 12
    assert len(lists) >= 5
