"""Submission's workflows under skipped time: rectification fulfilled, lapsed, withdrawn; windows; hand-over."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from services.submission.activities import SubmissionActivities
from services.submission.domain.cases import CaseState
from services.submission.domain.steps import OpenTerm
from services.submission.workflows import ALL
from shared.contracts.workflows import CaseRef, StageRef, StandingQuestion
from shared.infra.temporal import activities_of, build_worker
from shared.kernel.stages import StageState
from tests.workflow.submission.papers import Papers

SERVER = Path(sys.prefix) / "bin" / "temporal-test-server"
DAY = timedelta(days=1)


@dataclass
class Scene:
    """A time-skipping server, a worker, and the papers."""

    env: WorkflowEnvironment
    papers: Papers

    async def start(self, workflow: str, ref: Any) -> WorkflowHandle[Any, Any]:
        """Start a workflow of submission."""
        return await self.env.client.start_workflow(workflow, ref, id=str(uuid4()), task_queue="submission")

    async def now(self) -> datetime:
        """The skipped clock."""
        return await self.env.get_current_time()

    async def until(self, step: str) -> None:
        """Let real time pass until a step was taken, without skipping."""
        for _ in range(200):
            if step in self.papers.steps:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{step} was not taken: {self.papers.steps}")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(SERVER), data_converter=pydantic_data_converter
    ) as env:
        papers = Papers(env.get_current_time)
        async with build_worker(env.client, "submission", ALL, activities_of(papers)):
            yield Scene(env, papers)


def stage(kind: str) -> StageRef:
    return StageRef(
        stage_id=uuid4(),
        kind=kind,
        cycle_id=uuid4(),
        category_id=uuid4(),
        category_key="new_quality_pioneer",
        rulebook_id="qingdao-economic-achievements",
        rulebook_digest="0" * 64,
    )


def test_the_papers_have_every_activity_of_the_service() -> None:
    real = {_name(one) for one in activities_of(SubmissionActivities.__new__(SubmissionActivities))}

    async def never() -> datetime:
        raise AssertionError("no clock is asked")

    assert {_name(one) for one in activities_of(Papers(never))} == real


def _name(method: Any) -> str:
    return str(method.__temporal_activity_definition.name)


# -- one filing --------------------------------------------------------------------------------------------------------


async def test_a_fulfilled_rectification_neither_reminds_nor_lapses(scene: Scene) -> None:
    handle = await scene.start("ApplicationLifecycle", CaseRef(case_id=uuid4()))
    scene.papers.ask_rectification(await scene.now())
    await handle.signal("look_again")
    await scene.env.sleep(DAY)

    scene.papers.case, scene.papers.term = CaseState.ACCEPTED, None
    await handle.signal("look_again")
    await scene.env.sleep(10 * DAY)
    scene.papers.case = CaseState.PASSED
    await handle.signal("look_again")
    await handle.result()

    assert scene.papers.steps == []


async def test_an_unanswered_rectification_reminds_once_and_lapses_at_its_end(scene: Scene) -> None:
    handle = await scene.start("ApplicationLifecycle", CaseRef(case_id=uuid4()))
    asked_at = await scene.now()
    scene.papers.ask_rectification(asked_at)
    await handle.signal("look_again")

    await handle.result()

    assert scene.papers.steps == ["remind", "lapse"]
    reminded_at, lapsed_at = (at for _, at in scene.papers.done)
    assert asked_at + 3 * DAY <= reminded_at < asked_at + 4 * DAY
    assert asked_at + 5 * DAY <= lapsed_at < asked_at + 6 * DAY


async def test_a_withdrawal_ends_the_rectification(scene: Scene) -> None:
    handle = await scene.start("ApplicationLifecycle", CaseRef(case_id=uuid4()))
    scene.papers.ask_rectification(await scene.now())
    await handle.signal("look_again")
    await scene.env.sleep(2 * DAY)

    scene.papers.case = CaseState.WITHDRAWN
    await handle.signal("look_again")
    await handle.result()

    assert scene.papers.steps == []


async def test_a_held_term_does_not_lapse_until_it_goes_on(scene: Scene) -> None:
    handle = await scene.start("ApplicationLifecycle", CaseRef(case_id=uuid4()))
    now = await scene.now()
    scene.papers.case = CaseState.RECTIFYING
    scene.papers.term = OpenTerm(now + DAY, now + DAY, reminded=True, held=True)
    await handle.signal("look_again")
    await scene.env.sleep(10 * DAY)
    assert scene.papers.steps == []

    scene.papers.term = OpenTerm(now + 12 * DAY, now + 11 * DAY, reminded=True, held=False)
    await handle.signal("look_again")
    await handle.result()

    assert scene.papers.steps == ["lapse"]
    assert scene.papers.done[0][1] >= now + 12 * DAY


# -- stages ------------------------------------------------------------------------------------------------------------


async def test_a_window_waits_for_its_cycle_then_opens_reminds_and_closes(scene: Scene) -> None:
    now = await scene.now()
    scene.papers.cycle_known = False
    scene.papers.remind_at, scene.papers.closes_at = now + 15 * DAY, now + 20 * DAY
    handle = await scene.start("ApplicationWindow", stage("application_window"))
    await scene.env.sleep(5)
    assert scene.papers.steps == []

    scene.papers.cycle_known = True
    await handle.result()

    assert scene.papers.steps == ["begin", "remind", "close"]
    assert scene.papers.done[2][1] >= now + 20 * DAY


async def test_a_paused_window_stays_open_past_its_old_end(scene: Scene) -> None:
    now = await scene.now()
    scene.papers.closes_at = now + DAY
    handle = await scene.start("ApplicationWindow", stage("application_window"))
    await scene.until("begin")
    scene.papers.stage = StageState.PAUSED
    await handle.signal("look_again")
    await scene.env.sleep(5 * DAY)
    assert scene.papers.steps == ["begin"]

    scene.papers.stage, scene.papers.closes_at = StageState.OPEN, now + 7 * DAY
    await handle.signal("look_again")
    await handle.result()

    assert scene.papers.steps == ["begin", "close"]


@pytest.mark.parametrize(("workflow", "kind"), [("Screening", "screening"), ("Intake", "intake")])
async def test_a_stage_ended_by_the_office_hands_over_step_by_step(scene: Scene, workflow: str, kind: str) -> None:
    handle = await scene.start(workflow, stage(kind))
    await scene.until("begin")
    scene.papers.ended, scene.papers.stored = True, False
    await handle.signal("look_again")
    await scene.until("prepare")
    await scene.env.sleep(3)
    assert scene.papers.steps == ["begin", "prepare"]

    scene.papers.stored = True
    await handle.result()

    assert scene.papers.steps == ["begin", "prepare", "freeze", "close"]


async def test_a_nomination_calls_the_office_at_the_end_of_its_term(scene: Scene) -> None:
    scene.papers.closes_at = await scene.now() + 10 * DAY
    handle = await scene.start("Nomination", stage("nomination"))
    await scene.env.sleep(12 * DAY)
    assert scene.papers.steps == ["begin", "call_office"]

    scene.papers.ended = True
    await handle.signal("look_again")
    await handle.result()

    assert scene.papers.steps[-1] == "close"


async def test_a_refused_step_leaves_the_stage_stuck_until_somebody_looks(scene: Scene) -> None:
    scene.papers.refuse = True
    handle = await scene.start("Screening", stage("screening"))
    await scene.until("stuck")

    scene.papers.refuse, scene.papers.ended = False, True
    await handle.signal("look_again")
    await handle.result()

    assert scene.papers.steps == ["stuck", "begin", "prepare", "freeze", "close"]


async def test_a_gate_is_answered(scene: Scene) -> None:
    question = StandingQuestion(manifest_id=uuid4(), category_id=uuid4(), gate="draw")
    handle = await scene.start("ConfirmStanding", question)

    answer = await handle.result()

    assert (answer["manifest_id"], answer["gate"], answer["fallen"]) == (str(question.manifest_id), "draw", [])
