"""Draws by several parties on real servers: refusals, silence, stand-ins, an applicant, a beacon."""

from pathlib import Path
from uuid import UUID, uuid4

import httpx

from services.review.verify_draw import verify_draw
from tests.integration.review.scene import Scene


def code(answer: httpx.Response) -> str:
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["code"])


def pooling(scene: Scene, cases: int = 1) -> UUID:
    """A panel that waits for its list."""
    scene.record_pool(5)
    ref = scene.hand_over(cases)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(ref.stage_id, "pooling", "office")
    return ref.stage_id


def test_nobody_answers_out_of_turn_for_another_or_with_something_else(scene: Scene) -> None:
    stage = pooling(scene)
    path = f"/stages/{stage}"

    def commits(who: httpx.Client, party: str, commitment: str = "ab" * 32) -> httpx.Response:
        return scene.try_post(who, f"{path}/commit", {"party": party, "commitment": commitment})

    def reveals(who: httpx.Client, party: str, secret: str) -> httpx.Response:
        return scene.try_post(who, f"{path}/reveal", {"party": party, "secret": secret})

    early = commits(scene.office, "office")
    scene.neighbours.ledger_works = False
    listed = scene.freeze(stage)["list_digest"]
    not_in_ledger = commits(scene.office, "office")
    scene.neighbours.ledger_catches_up()
    scene.phase(stage, "committing")
    too_early = reveals(scene.office, "office", "00" * 32)
    both = scene._client("office", scene.office_id)
    refused = {
        "other party": commits(scene.office, "supervisor"),
        "no party": commits(scene.chair, "office"),
        "no commitment": commits(scene.office, "office", "AB" * 32),
        "frozen twice": scene.try_post(both, f"{path}/freeze", {}),
    }
    office = scene.commit(stage, scene.office, "office")
    again = commits(scene.office, "office")
    supervisor = scene.commit(stage, scene.supervisor, "supervisor")
    scene.phase(stage, "revealing")
    wrong = reveals(scene.office, "office", supervisor)
    other_person = reveals(scene._client("office", uuid4()), "office", office)
    first = reveals(scene.office, "office", office)
    twice = reveals(scene.office, "office", office)
    hidden = scene.get(scene.supervisor, f"{path}/draw")
    reveals(scene.supervisor, "supervisor", supervisor.upper())
    drawn = scene.transcript(stage)
    late = reveals(scene.supervisor, "supervisor", supervisor)

    assert (code(early), code(not_in_ledger), code(too_early)) == ("panel_state", "draw_phase", "draw_phase")
    assert {name: code(answer) for name, answer in refused.items()} == {
        "other party": "not_the_party",
        "no party": "not_the_party",
        "no commitment": "bad_commitment",
        "frozen twice": "panel_state",
    }
    assert (code(again), code(wrong), code(other_person)) == (
        "already_committed",
        "secret_differs",
        "not_the_committer",
    )
    assert first.json()["waiting"] == ["supervisor"]
    assert code(twice) == "already_revealed"
    assert [one["secret"] for one in hidden["parties"]] == [None, None]
    assert code(late) == "panel_state"
    assert drawn["list_digest"] == listed
    assert {one["party"]: one["secret"] for one in drawn["reveals"]} == {"office": office, "supervisor": supervisor}


def test_an_act_for_a_party_needs_fresh_proof(scene: Scene) -> None:
    stage = pooling(scene)
    scene.freeze(stage)
    scene.phase(stage, "committing")

    stale = scene.stale("office").post(
        f"/api/review/stages/{stage}/commit",
        json={"party": "office", "commitment": "ab" * 32},
        headers={"Idempotency-Key": str(uuid4())},
    )

    assert code(stale) == "fresh_authentication"


def silent(scene: Scene, stage: UUID) -> None:
    """The office answers, the supervisor commits and lets the working day for the reveal pass."""
    scene.freeze(stage)
    scene.phase(stage, "committing")
    secret = scene.commit(stage, scene.office, "office")
    scene.commit(stage, scene.supervisor, "supervisor")
    scene.phase(stage, "revealing")
    scene.post(scene.office, f"/stages/{stage}/reveal", {"party": "office", "secret": secret})
    scene.pass_term(stage)
    scene.phase(stage, "void")


def test_who_is_silent_twice_is_replaced_and_every_void_attempt_stays_in_the_transcript(scene: Scene) -> None:
    stage = pooling(scene)
    path = f"/stages/{stage}"
    too_soon = scene.try_post(
        scene.co_chair, f"{path}/stand-in", {"party": "supervisor", "by": "review_chair", "reason": "x"}
    )
    silent(scene, stage)
    once = scene.get(scene.office, f"{path}/draw")
    silent(scene, stage)
    refused = scene.try_post(scene.office, f"{path}/freeze", {})
    named = {"party": "supervisor", "by": "review_chair", "reason": "监督员两次未到"}
    by_office = scene.try_post(scene.office, f"{path}/stand-in", named)
    scene.post(scene.co_chair, f"{path}/stand-in", named)

    parties = scene.freeze(stage)["parties"]
    scene.phase(stage, "committing")
    people: dict[str, httpx.Client] = {"office": scene.office, "review_chair": scene.chair}
    kept = {party: scene.commit(stage, who, party) for party, who in people.items()}
    scene.phase(stage, "revealing")
    for party, who in people.items():
        scene.post(who, f"{path}/reveal", {"party": party, "secret": kept[party]})
    transcript = scene.transcript(stage)

    assert code(too_soon) == "not_silent"
    assert (once["silent"], once["void_reason"]) == (["supervisor"], "监督员逾期未公开密值")
    assert (code(refused), code(by_office)) == ("stand_in_needed", "not_allowed")
    assert parties == ["office", "review_chair"]
    earlier = transcript["list"]["earlier"]
    assert [one["silent"] for one in earlier] == [["supervisor"], ["supervisor"]]
    assert [[reveal["party"] for reveal in one["reveals"]] for one in earlier] == [["office"], ["office"]]
    assert len({one["commitment"] for past in earlier for one in past["commitments"]}) == 4
    del transcript["transcript_digest"]
    assert verify_draw(scene.dossier("review", scene.phase(stage, "drawn")["transcript_digest"])) == []


def test_a_list_is_given_up_by_two_persons_and_shown_in_the_next_transcript(scene: Scene) -> None:
    stage = pooling(scene)
    first = scene.freeze(stage)
    question = scene.get(scene.office, f"/stages/{stage}/void")
    ticket = scene.people.ticket(question["act"], question["digest"], scene.office_id, scene.other_id)
    alone = scene.try_post(scene.office, f"/stages/{stage}/void", {"reason": "名单有误"})

    scene.post(scene.office, f"/stages/{stage}/void", {"reason": "名单有误"}, **{"X-Ticket": ticket})
    second = scene.freeze(stage)
    earlier = scene.draw(stage)["list"]["earlier"]

    assert code(alone) == "second_person"
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert [(one["list_digest"], one["void_reason"]) for one in earlier] == [(first["list_digest"], "名单有误")]


def test_an_applicant_takes_part_where_it_was_named_and_finds_nothing_elsewhere(scene: Scene) -> None:
    stage = pooling(scene, cases=2)
    named, other = scene.credit_codes(stage)
    case = next(one["case_id"] for one in scene.panel(stage)["cases"] if one["number"] == "演练-001")

    parties = scene.freeze(stage, applicants=case)["parties"]
    scene.phase(stage, "committing")
    enterprise, foreign = scene.applicant(named), scene.applicant(other)
    people = {"office": scene.office, "supervisor": scene.supervisor, "applicants": enterprise}
    kept = {party: scene.commit(stage, who, party) for party, who in people.items()}
    found = foreign.get(f"/api/review/stages/{stage}/draw")
    unknown = foreign.get(f"/api/review/stages/{uuid4()}/draw")
    scene.phase(stage, "revealing")
    for party, who in people.items():
        scene.post(who, f"/stages/{stage}/reveal", {"party": party, "secret": kept[party]})

    assert parties == ["office", "supervisor", "applicants"]
    assert [one["party"] for one in scene.transcript(stage)["reveals"]] == parties
    assert (found.status_code, found.json()["title"]) == (unknown.status_code, unknown.json()["title"])


def test_the_round_that_the_list_names_is_waited_for_and_enters_the_seed(scene: Scene, beacons: Path) -> None:
    stage = pooling(scene)
    out = scene.try_post(scene.office, f"/stages/{stage}/freeze", {"beacon": {"name": "lottery", "round": 7}})
    scene.freeze(stage, beacon={"name": "lottery", "round": 8})
    scene.phase(stage, "committing")
    people = {"office": scene.office, "supervisor": scene.supervisor}
    kept = {party: scene.commit(stage, who, party) for party, who in people.items()}
    scene.phase(stage, "revealing")
    for party, who in people.items():
        scene.post(who, f"/stages/{stage}/reveal", {"party": party, "secret": kept[party]})
    scene.phase(stage, "revealed")

    (beacons / "lottery" / "8.txt").write_text("5c" * 32)
    transcript = scene.transcript(stage)

    assert code(out) == "beacon_out"
    assert transcript["beacon"] == "5c" * 32
    assert transcript["list"]["beacon"] == {"name": "lottery", "round": 8}
