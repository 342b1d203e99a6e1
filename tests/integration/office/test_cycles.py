"""A cycle from its opening to its release; the owners of the stages are played by facts."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from deploy.stack import Stack
from shared.contracts.facts import (
    CategoryReleased,
    CycleReleased,
    SeatFilled,
    StageChanged,
    StageClosed,
    StageOpened,
)
from tests.integration.office.neighbours import DIGEST, Office, publish
from tests.integration.servers import eventually, key

GIANT = "little-giant-performance"
QINGDAO = "qingdao-economic-achievements"
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def opened(stage: dict[str, Any], cycle: dict[str, Any]) -> StageOpened:
    return StageOpened(
        source=stage["owner"], cycle_id=cycle["cycle_id"], stage_id=stage["stage_id"], kind=stage["kind"], opens_at=AT
    )


def closed(stage: dict[str, Any], cycle: dict[str, Any], **more: Any) -> StageClosed:
    known = {"version": 9, "state": "closed", "closed_at": AT, **more}
    return StageClosed(
        source=stage["owner"], cycle_id=cycle["cycle_id"], stage_id=stage["stage_id"], kind=stage["kind"], **known
    )


def state_is(office: Office, cycle: dict[str, Any], kind: str, state: str) -> Callable[[], bool]:
    return lambda: office.stages(cycle["cycle_id"]).get(kind, {}).get("state") == state


def run_stage(office: Office, stack: Stack, cycle: dict[str, Any], kind: str, **closing: Any) -> None:
    eventually(state_is(office, cycle, kind, "started"), f"{kind} was not started")
    stage = office.stages(cycle["cycle_id"])[kind]
    publish(stack, stage["owner"], opened(stage, cycle), closed(stage, cycle, **closing))
    eventually(state_is(office, cycle, kind, "closed"), f"{kind} was not closed")


async def described(handle: WorkflowHandle[Any, Any]) -> WorkflowExecutionDescription:
    """Office's row says started as soon as the start is decided; the child itself follows a moment later."""
    for _ in range(600):
        try:
            return await handle.describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        await asyncio.sleep(0.1)
    raise AssertionError(f"{handle.id} was not started")


async def started_with(stack: Stack, stage_id: str) -> tuple[str, dict[str, Any]]:
    """Type and input of the stage workflow that was started on its owner's queue."""
    client = await Client.connect(stack.settings_for("office")["FANGBANG_TEMPORAL_ADDRESS"])
    handle = client.get_workflow_handle(f"stage/{stage_id}")
    found = await described(handle)
    assert found.status is WorkflowExecutionStatus.RUNNING
    history = await handle.fetch_history()
    begun = history.events[0].workflow_execution_started_event_attributes
    (ref,) = await client.data_converter.decode(begun.input.payloads)
    return f"{found.workflow_type}@{found.task_queue}", ref


def test_each_stage_starts_when_the_one_before_is_closed(office: Office, stack: Stack) -> None:
    cycle = office.open_cycle("逐段办理", GIANT, "little_giant")

    for kind in ("application_window", "screening", "evaluation", "decision"):
        run_stage(office, stack, cycle, kind)

    eventually(lambda: office.cycle(cycle["cycle_id"])["categories"][0]["state"] == "awaiting_release", "did not end")
    assert office.stages(cycle["cycle_id"])["release"]["state"] == "planned"


async def test_a_stage_receives_the_newest_manifest_and_counts_from_the_last_closing(
    office: Office, stack: Stack
) -> None:
    cycle = office.open_cycle("移交", GIANT, "little_giant")
    manifest = uuid4()
    eventually(state_is(office, cycle, "application_window", "started"), "not started")

    window = office.stages(cycle["cycle_id"])["application_window"]
    await _publish(stack, opened(window, cycle), closed(window, cycle, counted_from=AT))
    eventually(state_is(office, cycle, "screening", "started"), "not started")
    screening = office.stages(cycle["cycle_id"])["screening"]
    await _publish(
        stack,
        opened(screening, cycle),
        closed(screening, cycle, manifest_id=manifest, manifest_digest=DIGEST, cases=28),
    )
    eventually(state_is(office, cycle, "evaluation", "started"), "not started")

    kind, ref = await started_with(stack, office.stages(cycle["cycle_id"])["evaluation"]["stage_id"])
    assert kind == "Evaluation@ranking"
    assert (ref["manifest_id"], ref["manifest_digest"], ref["manifest_source"]) == (str(manifest), DIGEST, "submission")
    assert datetime.fromisoformat(ref["counted_from"]) == AT
    assert (ref["supplement"], ref["category_key"]) == (0, "little_giant")


async def _publish(stack: Stack, *facts: Any) -> None:
    await asyncio.to_thread(publish, stack, facts[0].source, *facts)


def test_the_release_is_started_once_every_category_is_done_and_ends_the_cycle(office: Office, stack: Stack) -> None:
    cycle = office.open_cycle("发布", GIANT, "little_giant")
    for kind in ("application_window", "screening", "evaluation", "decision"):
        run_stage(office, stack, cycle, kind)

    category = UUID(cycle["categories"][0]["category_id"])
    publish(
        stack,
        "publication",
        CategoryReleased(cycle_id=cycle["cycle_id"], category_id=category, supplement=0, digest=DIGEST, entries=28),
        CycleReleased(cycle_id=cycle["cycle_id"]),
    )

    eventually(lambda: office.cycle(cycle["cycle_id"])["state"] == "released", "the cycle did not end")
    found = office.cycle(cycle["cycle_id"])["categories"][0]
    assert (found["state"], found["entries"]) == ("released", 28)


def test_a_refilled_seat_gets_its_own_consultation_and_notice(office: Office, stack: Stack) -> None:
    cycle = office.open_cycle("增补", QINGDAO, "trade_pioneer")
    category, manifest = UUID(cycle["categories"][0]["category_id"]), uuid4()

    publish(
        stack,
        "ranking",
        SeatFilled(
            cycle_id=cycle["cycle_id"], category_id=category, supplement=1, manifest_id=manifest, manifest_digest=DIGEST
        ),
    )
    run_stage(office, stack, cycle, "consultation/1", manifest_id=uuid4(), manifest_digest="b" * 64)
    run_stage(office, stack, cycle, "publicity/1")

    assert office.stages(cycle["cycle_id"])["intake"]["state"] == "started"


def test_a_change_is_requested_until_its_owner_answers(office: Office, stack: Stack) -> None:
    cycle = office.open_cycle("变更", GIANT, "little_giant")
    eventually(state_is(office, cycle, "application_window", "started"), "not started")
    stage = office.stages(cycle["cycle_id"])["application_window"]
    publish(stack, "submission", opened(stage, cycle))
    eventually(state_is(office, cycle, "application_window", "open"), "not open")
    path = f"/api/office/stages/{stage['stage_id']}/changes"

    asked = office.post("office1", path, {"change": "extend", "days": 3, "reason": "台风"}).raise_for_status().json()
    again = office.post("office1", path, {"change": "pause", "reason": "台风"})
    shown = office.stages(cycle["cycle_id"])["application_window"]["requested"]
    publish(
        stack,
        "submission",
        StageChanged(
            source="submission",
            stage_id=stage["stage_id"],
            kind=stage["kind"],
            state="open",
            version=2,
            closes_at=AT,
            counted_days=("2026-03-03",),
            request_id=asked["request_id"],
        ),
    )

    assert (shown, again.status_code, again.json()["code"]) == ("extend", 409, "change_pending")
    eventually(lambda: office.stages(cycle["cycle_id"])["application_window"]["requested"] is None, "not answered")
    assert office.get("office1", path).json()[0]["state"] == "applied"
    assert office.stages(cycle["cycle_id"])["application_window"]["counted_days"] == ["2026-03-03"]


def test_to_cancel_takes_two_persons_and_ends_the_category(office: Office, stack: Stack) -> None:
    cycle = office.open_cycle("终止", GIANT, "little_giant")
    eventually(state_is(office, cycle, "application_window", "started"), "not started")
    stage = office.stages(cycle["cycle_id"])["application_window"]
    publish(stack, "submission", opened(stage, cycle))
    eventually(state_is(office, cycle, "application_window", "open"), "not open")
    path, body = f"/api/office/stages/{stage['stage_id']}/changes", {"change": "cancel", "reason": "政策调整"}

    alone = office.post("office1", path, body)
    asked = office.get(
        "office1", f"/api/office/stages/{stage['stage_id']}/cancellation", params={"reason": "政策调整"}
    ).json()
    accepted = office.post("office1", path, body, ticket=office.ticket(**asked))
    publish(stack, "submission", closed(stage, cycle, state="cancelled"))

    assert (alone.status_code, alone.json()["code"], accepted.status_code) == (422, "second_person", 202)
    eventually(lambda: office.cycle(cycle["cycle_id"])["state"] == "cancelled", "the cycle did not end")
    assert {s["state"] for s in office.stages(cycle["cycle_id"]).values()} == {"cancelled"}


def test_opening_is_refused_with_a_code(office: Office) -> None:
    digest = office.rulebook(GIANT)["digest"]
    body = {"rulebook_id": GIANT, "rulebook_digest": digest, "year": 2026, "title": "拒绝"}

    unconfirmed = office.post("office1", "/api/office/cycles", body)
    unknown = office.post("office1", "/api/office/cycles", {**body, "rulebook_digest": "0" * 64})
    category = office.post("office1", "/api/office/cycles", {**body, "categories": ["x"]})
    wrong_role = office.post("supervisor1", "/api/office/cycles", body)

    answers = [(one.status_code, one.json()["code"]) for one in (unconfirmed, unknown, category, wrong_role)]
    assert answers == [
        (422, "unconfirmed_readings"),
        (404, "unknown_rulebook_version"),
        (422, "unknown_category"),
        (403, "not_allowed"),
    ]


def test_a_repeat_opens_no_second_cycle(office: Office) -> None:
    digest = office.rulebook(GIANT)["digest"]
    body = {
        "rulebook_id": GIANT,
        "rulebook_digest": digest,
        "year": 2026,
        "title": f"重复 {uuid4().hex[:6]}",
        "accept_unconfirmed_reason": "x",
    }
    same_key = key()

    first = office.post("office1", "/api/office/cycles", body, headers=same_key)
    repeat = office.post("office1", "/api/office/cycles", body, headers=same_key)
    other = office.post("office1", "/api/office/cycles", body)

    assert first.json()["cycle_id"] == repeat.json()["cycle_id"]
    assert (other.status_code, other.json()["code"]) == (409, "cycle_exists")
