"""CategoryLifecycle and CycleLifecycle: order, waiting, lost starts, refusals, release."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from services.office.cycles.domain import START_AGAIN, PlanState
from tests.workflow.office.fakes import (
    KINDS,
    FakePlan,
    category_ref,
    cycle_ref,
    office_running,
    start_category,
    start_cycle,
)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


async def close(plan: FakePlan, handle: WorkflowHandle[object, None], position: int) -> None:
    """The owner has closed the stage, and office's consumer nudges."""
    plan.change(position, state=PlanState.CLOSED, closed_at=await plan.now())
    await handle.signal("look_again")


async def test_stages_start_one_after_another_and_the_track_ends_before_the_release() -> None:
    async with office_running() as (client, plan):
        handle = await start_category(client, category_ref())

        for position, kind in enumerate(KINDS[:-1]):
            await until(lambda kind=kind: plan.calls[-1:] == [f"start {kind}"])  # type: ignore[misc]
            await close(plan, handle, position)
        await handle.result()

    assert plan.calls == [f"start {kind}" for kind in KINDS[:-1]] + ["end track"]


async def test_a_stage_is_started_on_its_owners_queue_with_the_manifest() -> None:
    async with office_running("screening", "evaluation") as (client, plan):
        manifest = uuid4()
        handle = await start_category(client, category_ref())
        await until(lambda: plan.calls == ["start screening"])

        plan.change(0, manifest_id=manifest, manifest_digest="d", manifest_source="submission")
        await close(plan, handle, 0)
        await until(lambda: plan.calls[-1] == "start evaluation")
        child = client.get_workflow_handle(f"stage/{plan.stages[1].stage_id}")
        await until_started(child)
        found = await child.describe()

        history = await child.fetch_history()
        started = history.events[0].workflow_execution_started_event_attributes
        (ref,) = await client.data_converter.decode(started.input.payloads)

    assert (found.workflow_type, found.task_queue, ref["manifest_id"]) == ("Evaluation", "ranking", str(manifest))


async def until_started(child: WorkflowHandle[object, object]) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await child.describe()
            except RPCError:  # not there yet
                await asyncio.sleep(0.05)
            else:
                return


async def test_nudges_without_news_start_nothing() -> None:
    async with office_running("screening", "evaluation") as (client, plan):
        handle = await start_category(client, category_ref())
        await until(lambda: plan.calls == ["start screening"])

        for _ in range(5):
            await handle.signal("look_again")
        await asyncio.sleep(0.5)

        assert plan.calls == ["start screening"]


async def test_a_start_that_nobody_answered_is_tried_again_and_an_already_running_stage_is_as_good() -> None:
    async with office_running("screening", "evaluation") as (client, plan):
        plan.answered = False
        handle = await start_category(client, category_ref())
        await until(lambda: plan.calls[:1] == ["start screening"])

        await plan.env.sleep(START_AGAIN)
        await until(lambda: plan.calls[:2] == ["start screening"] * 2)
        plan.answered = True
        await close(plan, handle, 0)
        await until(lambda: plan.calls[-1] == "start evaluation")


async def test_a_refused_step_is_shown_and_goes_on_after_a_nudge() -> None:
    async with office_running("screening") as (client, plan):
        plan.refusals = 1
        handle = await start_category(client, category_ref())
        await until(lambda: plan.calls == ["stuck"])

        await handle.signal("look_again")

        await until(lambda: plan.calls == ["stuck", "start screening"])


async def test_a_stuck_track_looks_again_within_the_hour_by_itself() -> None:
    async with office_running("screening") as (client, plan):
        plan.refusals = 1
        await start_category(client, category_ref())
        await until(lambda: plan.calls == ["stuck"])

        await plan.env.sleep(timedelta(minutes=61))

        await until(lambda: plan.calls[:2] == ["stuck", "start screening"])


async def test_a_cycle_opens_its_categories_then_has_the_release_started_and_waits_for_its_fact() -> None:
    async with office_running() as (client, plan):
        ref = cycle_ref()
        handle = await start_cycle(client, ref)
        await until(lambda: plan.cycle_state == "open")

        plan.cycle_state = "awaiting"
        await handle.signal("look_again")
        release = client.get_workflow_handle(f"cycle/{ref.cycle_id}/release")
        await until_started(release)
        found = await release.describe()
        await handle.signal("look_again")  # a second look finds the release running
        plan.cycle_state = "released"
        await handle.signal("look_again")
        await handle.result()

    assert (found.workflow_type, found.task_queue) == ("Release", "publication")
    assert plan.calls == ["open categories"]


async def test_a_cycle_whose_categories_were_all_cancelled_ends_without_a_release() -> None:
    async with office_running() as (client, plan):
        handle = await start_cycle(client, cycle_ref())
        await until(lambda: plan.cycle_state == "open")

        plan.cycle_state = "cancelled"
        await handle.signal("look_again")
        await handle.result()

    assert plan.calls == ["open categories", "cancel cycle"]
