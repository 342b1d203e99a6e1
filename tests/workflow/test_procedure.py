"""The base of all workflows: it waits, looks again when nudged, is stuck without dying, and never grows too long."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from shared.contracts.procedure import LONGEST_SLEEP, STUCK_PAUSE
from shared.contracts.workflows import CaseRef
from shared.infra.telemetry import current_trace
from shared.infra.temporal import TraceInterceptor, activities_of, build_worker
from shared.kernel.refusals import Refusal
from tests.workflow.probe import DONE, WORK, ProbeLifecycle, Script, wait

PROGRAMS = Path(sys.prefix) / "bin"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A_MOMENT = timedelta(minutes=10)


@dataclass
class Scene:
    """A server, one worker, one script."""

    env: WorkflowEnvironment
    client: Client
    script: Script

    async def start(self, workflow_id: str | None = None) -> WorkflowHandle[Any, Any]:
        return await self.client.start_workflow(
            "ProbeLifecycle", CaseRef(case_id=uuid4()), id=workflow_id or str(uuid4()), task_queue="probe"
        )

    async def until(self, loads: int) -> None:
        """Let real time pass until ``load`` was called so often, without skipping."""
        for _ in range(1000):
            if len(self.script.loads) >= loads:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"load was called {len(self.script.loads)} times, not {loads}")

    def passed(self) -> timedelta:
        """From the first look to the last."""
        return self.script.loads[-1] - self.script.loads[0]


@asynccontextmanager
async def scene_on(env: WorkflowEnvironment) -> AsyncIterator[Scene]:
    trace = TraceInterceptor()
    config = env.client.config()
    config["interceptors"] = [*config["interceptors"], trace]
    client = Client(**config)
    script = Script(env.get_current_time)
    async with build_worker(client, "probe", [ProbeLifecycle], activities_of(script)):
        yield Scene(env, client, script)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with (
        await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=str(PROGRAMS / "temporal-test-server"), data_converter=pydantic_data_converter
        ) as env,
        scene_on(env) as found,
    ):
        yield found


async def test_it_does_what_load_names_until_done(scene: Scene) -> None:
    scene.script.answers = [WORK, WORK, DONE]

    await (await scene.start()).result()

    assert (scene.script.worked, len(scene.script.loads), scene.script.stuck_times) == (2, 3, 0)


async def test_a_nudge_during_load_is_not_lost(scene: Scene) -> None:
    scene.script.answers = [wait(), DONE]
    scene.script.may_answer.clear()
    running = await scene.start()
    await scene.script.loading.wait()

    await running.signal("look_again")
    await asyncio.sleep(0.2)
    scene.script.may_answer.set()
    await running.result()

    assert len(scene.script.loads) == 2
    assert scene.passed() < A_MOMENT


async def test_many_nudges_at_once_are_one_more_look(scene: Scene) -> None:
    scene.script.answers = [wait(), wait(), DONE]
    scene.script.may_answer.clear()
    running = await scene.start()
    await scene.script.loading.wait()

    await asyncio.gather(*(running.signal("look_again") for _ in range(20)))
    scene.script.may_answer.set()
    await scene.until(2)
    await asyncio.sleep(0.3)

    assert len(scene.script.loads) == 2
    await running.signal("look_again")
    await running.result()


async def test_it_waits_as_long_as_load_says(scene: Scene) -> None:
    scene.script.answers = [wait(3 * 3600), DONE]

    await (await scene.start()).result()

    assert 3 * HOUR <= scene.passed() < 3 * HOUR + A_MOMENT


@pytest.mark.parametrize("seconds", [None, 10 * LONGEST_SLEEP])
async def test_it_looks_at_least_once_a_day(scene: Scene, seconds: float | None) -> None:
    scene.script.answers = [wait(seconds), wait(seconds), DONE]

    await (await scene.start()).result()

    assert 2 * DAY <= scene.passed() < 2 * DAY + A_MOMENT


async def test_a_past_moment_is_waited_for_no_longer(scene: Scene) -> None:
    scene.script.answers = [wait(-5), wait(0), DONE]

    await (await scene.start()).result()

    assert scene.passed() < A_MOMENT


async def test_a_nudge_ends_the_wait(scene: Scene) -> None:
    scene.script.answers = [wait(), DONE]
    running = await scene.start()
    await scene.until(1)

    await running.signal("look_again")
    await running.result()

    assert scene.passed() < A_MOMENT


async def test_a_fault_is_tried_again_and_is_not_stuck(scene: Scene) -> None:
    scene.script.answers = [WORK, DONE]
    scene.script.failures = [RuntimeError("the database is away"), OSError("still away")]

    await (await scene.start()).result()

    assert (scene.script.worked, scene.script.stuck_times) == (1, 0)


async def test_a_refused_step_is_stuck_and_goes_on_when_nudged(scene: Scene) -> None:
    scene.script.answers = [WORK, WORK, DONE]
    scene.script.failures = [Refusal("no_quorum", "签署的计分表不足。")]
    running = await scene.start()
    while not scene.script.stuck_times:
        await asyncio.sleep(0.02)

    await running.signal("look_again")
    await running.result()

    assert (scene.script.worked, scene.script.stuck_times) == (1, 1)
    assert scene.passed() < A_MOMENT


async def test_a_refused_step_is_tried_again_after_an_hour_by_itself(scene: Scene) -> None:
    scene.script.answers = [WORK, WORK, DONE]
    scene.script.failures = [Refusal("no_quorum", "签署的计分表不足。")]

    await (await scene.start()).result()

    assert (scene.script.worked, scene.script.stuck_times) == (1, 1)
    assert timedelta(seconds=STUCK_PAUSE) <= scene.passed() < timedelta(seconds=STUCK_PAUSE) + A_MOMENT


async def test_the_trace_of_the_start_reaches_the_activities(scene: Scene) -> None:
    token = current_trace.set("trace-1")
    running = await scene.start()
    current_trace.reset(token)

    await running.result()

    assert scene.script.traces == {"trace-1"}


# -- on a server that suggests a fresh run early -----------------------------------------------------------------------


@pytest.fixture
async def impatient() -> AsyncIterator[Scene]:
    """The real dev server; histories are called long after 40 events."""
    async with (
        await WorkflowEnvironment.start_local(
            data_converter=pydantic_data_converter,
            dev_server_existing_path=str(PROGRAMS / "temporal"),
            dev_server_extra_args=["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=40"],
        ) as env,
        scene_on(env) as found,
    ):
        yield found


async def test_a_long_history_goes_on_in_a_fresh_run_and_keeps_its_trace(impatient: Scene) -> None:
    impatient.script.answers = [*(wait(0.01) for _ in range(15)), WORK, DONE]
    token = current_trace.set("trace-2")
    running = await impatient.start("many-rounds")
    current_trace.reset(token)

    await asyncio.wait_for(running.result(), 60)

    runs = [one async for one in impatient.client.list_workflows("WorkflowId = 'many-rounds'")]
    last = await impatient.client.get_workflow_handle("many-rounds").describe()
    assert last.run_id != running.first_execution_run_id
    assert last.history_length < 80
    assert len(runs) >= 1
    assert (impatient.script.worked, len(impatient.script.loads)) == (1, 17)
    assert impatient.script.traces == {"trace-2"}
