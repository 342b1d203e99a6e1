"""Every route of review that names a panel, case or expert, by role and relation: own, foreign, recused, unknown.

Recused means invisible: to the expert who left a panel it is, byte for byte, as one that never was.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.dossiers import ApplicationDossier
from shared.contracts.workflows import StageRef
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import derived_id
from shared.web.rights import BOUND
from tests.contract.declared import declare
from tests.integration.relations import Relations
from tests.integration.review.scene import Scene
from tests.integration.servers import eventually

_SHEET = {"judgements": {"core_technology": "20", "integrity": "9.5"}}
_FORM = {"judgement.core_technology": "20", "judgement.integrity": "9.5"}
_STAGE, _PANEL = "/api/review/stages/{stage_id}", "/expert/panels/{stage_id}"
BODIES: dict[str, dict[str, Any]] = {
    f"POST {_STAGE}/undertaking": {"accept": True, "text_version": "2026-1"},
    f"POST {_STAGE}/recuse": {"reason": "演练"},
    f"POST {_STAGE}/order": {"order": []},
    f"POST {_STAGE}/commit": {"party": "office", "commitment": "ab" * 32},
    f"POST {_STAGE}/reveal": {"party": "office", "secret": "ab" * 32},
    "PUT /api/review/tasks/{case_id}/draft": _SHEET,
    "POST /api/review/tasks/{case_id}/sign": _SHEET,
    "POST /api/review/tasks/{case_id}/correction": {**_SHEET, "reason": "演练"},
    "POST /api/review/tasks/{case_id}/findings": {"rule_id": "quality_bad_faith", "source": "演练"},
    "POST /expert/tasks/{case_id}/correction": {**_FORM, "reason": "演练", "why": "演练"},
    "POST /expert/tasks/{case_id}/findings": {"rule_id": "quality_bad_faith", "source": "演练"},
    "POST /expert/tasks/{case_id}/draft": _FORM,
    "POST /expert/tasks/{case_id}/sign": _FORM,
    f"POST {_PANEL}/undertaking": {"answer": "accept", "text_version": "2026-1"},
    f"POST {_PANEL}/recusal": {"reason": "演练"},
    f"POST {_PANEL}/commit": {"party": "office", "commitment": "ab" * 32},
    f"POST {_PANEL}/reveal": {"party": "office", "secret": "ab" * 32},
}
# Only orderings of events have these, and there every member orders all events: a panel's expert finds none.
OF_ORDERINGS = ("/order", "/orders/{stage_id}")


def scoring(
    scene: Scene, *, of: UUID | None = None, without: UUID | None = None, applicant: str | None = None
) -> StageRef:
    """A panel in scoring with this expert surely drawn, or surely not; ``applicant`` took part in its draw."""
    experts = scene.get(scene.office, "/experts")
    pool = next((one["pool"] for one in experts if one["expert_id"] == str(of)), None)
    excluded = [one["expert_id"] for one in experts if one["pool"] == pool and one["expert_id"] != str(of)]
    ref = scene.hand_over(2)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(ref.stage_id, "pooling", "office")
    conflicts = dict.fromkeys([*excluded, *([str(without)] if without else [])], "演练")
    if applicant is None:
        scene.freeze(ref.stage_id, conflicts)
        scene.draw(ref.stage_id)
    else:
        case = scene.manifest_of(ref).entries[0]
        scene.freeze(ref.stage_id, conflicts, applicants=str(case.case_id))
        scene.draw(ref.stage_id, applicants=scene.applicant(applicant))
    scene.all_undertake(ref.stage_id)
    scene.until(ref.stage_id, "scoring", "expert")
    return ref


def ids_of(scene: Scene, ref: StageRef, expert: UUID) -> dict[str, str]:
    """What a path may name of a panel."""
    entry = scene.manifest_of(ref).entries[0]
    dossier = ApplicationDossier.model_validate_json(scene.dossier("submission", entry.dossier_digest))
    return {
        "stage_id": str(ref.stage_id),
        "case_id": str(entry.case_id),
        "evidence_id": str(dossier.evidence[0].evidence_id),
        "expert_id": str(expert),
        "attempt": "1",
    }


@pytest.fixture(scope="module")
def relations(scene: Scene) -> Relations:
    """An expert on one panel, never on the second, recused from the third after signing there."""
    expert, other = scene.record_pool(9)[0], uuid4()
    applicant = make_credit_code("91370200000000001")
    own, foreign = scoring(scene, of=expert, applicant=applicant), scoring(scene, without=expert)
    recused = scoring(scene, of=expert)
    scene.sign_all(recused.stage_id, str(expert))
    reason = {"expert_id": str(expert), "reason": "近亲属任职", "case_id": ids_of(scene, recused, expert)["case_id"]}
    scene.post(scene.office, f"/stages/{recused.stage_id}/recuse", reason)
    # A paused panel refuses every act of those whose panel it is, so that asking changes nothing of one's own.
    scene.change(own, "pause")
    eventually(lambda: scene.panel(own.stage_id)["stage_state"] == "paused", "not paused")
    return Relations(
        scene.process,
        scene.people,
        derived_id("account", expert),
        (expert, derived_id("enterprise", applicant)),
        own=ids_of(scene, own, expert),
        foreign=ids_of(scene, foreign, other),
        hidden={"recused": ids_of(scene, recused, other)},
        bodies=BODIES,
    )


def test_every_route_role_and_relation_is_as_the_table_says_and_recused_means_invisible(
    relations: Relations, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    routes = declare("review", tmp_path).routes
    named = [one for one in routes if relations.covers(one) and not one.path.endswith(OF_ORDERINGS)]
    bound = [one for one in named if one.act in BOUND]
    lists = [one for one in routes if "{" not in one.path and not one.writes]
    traces = [relations.foreign["stage_id"], relations.foreign["case_id"]]
    traces += [value for name, value in relations.hidden["recused"].items() if name in ("stage_id", "case_id")]

    relations.check(sorted(named, key=lambda one: (one.writes, one.act not in BOUND)))
    relations.sees([one for one in lists if one.act in BOUND], traces)

    print(f"review: {relations.assertions} assertions on {len(named)} routes, {len(bound)} of them bound")
    record_property("assertions", relations.assertions)
    assert relations.wrong == []
    assert len(bound) >= 12
    assert relations.assertions >= 1000


def test_counts_and_lists_of_a_recused_expert_are_those_of_one_who_was_never_called(
    scene: Scene, relations: Relations
) -> None:
    client = scene.expert(relations.acts_for[0])

    lists = client.get("/api/review/tasks").json()
    home = client.get("/expert", headers={"Accept": "text/html"}).text

    assert relations.own["stage_id"] in [one["stage_id"] for one in lists]
    for hidden in (relations.foreign, relations.hidden["recused"]):
        assert hidden["stage_id"] not in home
        assert hidden["case_id"] not in home
    assert home.count('id="panel-') == len(lists)


def test_a_page_about_a_recused_case_is_byte_for_byte_that_of_an_unknown_one(
    scene: Scene, relations: Relations
) -> None:
    client = scene.browser(str(relations.acts_for[0]))
    recused = relations.hidden["recused"]

    for path, hidden, unknown in (
        ("/expert/tasks/{}", recused["case_id"], str(uuid4())),
        ("/api/review/tasks/{}", recused["case_id"], str(uuid4())),
        ("/expert/orders/{}", recused["stage_id"], str(uuid4())),
        ("/api/review/stages/{}/order", recused["stage_id"], str(uuid4())),
    ):
        told = [relations.bytes_of(client.get(path.format(one)), one) for one in (hidden, unknown)]
        assert told[0] == told[1], path
        assert told[0][0] == 404
