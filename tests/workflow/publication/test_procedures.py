"""Publication's workflows under skipped time: call, publicity, public vote, release."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from services.publication.activities import PublicationActivities
from services.publication.workflows import Call, Publicity, PublicVote, Release
from shared.contracts.workflows import CycleRef, StageRef, Todo
from shared.infra.temporal import activities_of, build_worker
from shared.kernel.stages import StageState
from tests.workflow.publication.papers import AnsweredStanding, Papers

SERVER = Path(sys.prefix) / "bin" / "temporal-test-server"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@dataclass
class Scene:
    """A time-skipping server, the workers of publication and submission, and the papers."""

    env: WorkflowEnvironment
    papers: Papers

    async def start(self, workflow: str) -> WorkflowHandle[Any, Any]:
        """Start a workflow of publication."""
        ref: StageRef | CycleRef = cycle() if workflow == "Release" else stage(workflow.lower())
        return await self.env.client.start_workflow(workflow, ref, id=str(uuid4()), task_queue="publication")

    async def until(self, step: str) -> None:
        """Let real time pass until a step was taken, without skipping."""
        for _ in range(400):
            if step in self.papers.steps:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{step} was not taken: {self.papers.steps}")

    async def act(self, running: WorkflowHandle[Any, Any], **changes: Any) -> None:
        """Somebody acts: the row changes, the workflow is nudged."""
        self.papers.desk = replace(self.papers.desk, **changes)
        await running.signal("look_again")


def stage(kind: str) -> StageRef:
    return StageRef(stage_id=uuid4(), kind=kind, category_id=uuid4(), category_key="x", **cycle().model_dump())


def cycle() -> CycleRef:
    return CycleRef(cycle_id=uuid4(), rulebook_id="qingdao-economic-achievements", rulebook_digest="0" * 64)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(SERVER), data_converter=pydantic_data_converter
    )
    papers = Papers(env.get_current_time)
    workflows = [Call, Publicity, PublicVote, Release]
    async with (
        env,
        build_worker(env.client, "publication", workflows, activities_of(papers)),
        build_worker(env.client, "submission", [AnsweredStanding], []),
    ):
        yield Scene(env, papers)


def test_papers_stand_in_for_every_activity() -> None:
    assert names_of(PublicationActivities) == names_of(Papers)


def names_of(holder: type) -> set[str]:
    found = (getattr(holder, name) for name in dir(holder))
    definitions = (getattr(one, "__temporal_activity_definition", None) for one in found)
    return {definition.name for definition in definitions if definition is not None}


async def test_call_waits_for_its_posting(scene: Scene) -> None:
    with scene.env.auto_time_skipping_disabled():
        running = await scene.start("Call")
        await scene.until("begin")
        await scene.env.sleep(30 * DAY)
        assert scene.papers.steps == ["begin"]

        await scene.act(running, posted=True)
        await running.result()

    assert scene.papers.steps == ["begin", "close"]


async def test_publicity_never_ends_before_the_last_instant_of_its_term(scene: Scene) -> None:
    with scene.env.auto_time_skipping_disabled():
        running = await scene.start("Publicity")
        await scene.until("receive")
        ends = await scene.env.get_current_time() + 7 * DAY
        await scene.act(running, posted=True, closes_at=ends, stored=True)
        await scene.env.sleep(7 * DAY - 60 * SECOND)
        await running.signal("look_again")
        await asyncio.sleep(0.3)
        assert scene.papers.steps == ["begin", "receive"]
        await scene.env.sleep(61 * SECOND)
        await running.result()

    assert scene.papers.steps == ["begin", "receive", "freeze", "close"]
    assert ends <= scene.papers.at("freeze") <= ends + 5 * SECOND


async def test_publicity_closes_only_when_its_manifest_is_stored(scene: Scene) -> None:
    with scene.env.auto_time_skipping_disabled():
        running = await scene.start("Publicity")
        await scene.until("receive")
        await scene.act(running, posted=True, closes_at=await scene.env.get_current_time())
        await scene.until("freeze")
        assert scene.papers.steps == ["begin", "receive", "freeze"]

        await scene.act(running, stored=True)
        await running.result()

    assert scene.papers.steps[-1] == "close"


async def test_paused_publicity_does_not_end_and_a_cancelled_one_is_over(scene: Scene) -> None:
    with scene.env.auto_time_skipping_disabled():
        running = await scene.start("Publicity")
        await scene.until("receive")
        now = await scene.env.get_current_time()
        await scene.act(running, posted=True, closes_at=now + DAY, state=StageState.PAUSED)
        await scene.env.sleep(10 * DAY)
        assert scene.papers.steps == ["begin", "receive"]

        await scene.act(running, state=StageState.CANCELLED)
        await running.result()

    assert scene.papers.steps == ["begin", "receive"]


async def test_vote_is_counted_after_its_term(scene: Scene) -> None:
    ends = await scene.env.get_current_time() + 14 * DAY
    scene.papers.desk = replace(scene.papers.desk, closes_at=ends)
    running = await scene.start("PublicVote")
    await running.result()

    assert scene.papers.steps == ["begin", "close"]
    assert scene.papers.at("close") >= ends


async def test_release_goes_its_way_and_asks_about_every_list(scene: Scene) -> None:
    wanted = ["begin", "receive", "gate", "prepare", "collect", "wait", "publish", "done"]
    scene.papers.release = [Todo(step=step, wait_seconds=1.0 if step == "wait" else None) for step in wanted]

    await (await scene.start("Release")).result()

    assert scene.papers.steps == ["begin", "receive", "bind", "bind", "prepare", "collect", "publish"]


async def test_refused_step_leaves_the_release_stuck_until_somebody_looks_again(scene: Scene) -> None:
    scene.papers.release = [Todo(step=step) for step in ("prepare", "prepare", "done")]
    scene.papers.refuse = "prepare"
    with scene.env.auto_time_skipping_disabled():
        running = await scene.start("Release")
        await scene.until("stuck")
        await running.signal("look_again")
        await running.result()

    assert scene.papers.steps == ["stuck", "prepare"]
