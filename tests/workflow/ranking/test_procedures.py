"""Ranking's workflows under skipped time: evaluation, decision, consultation with silence, concern and early end."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from services.ranking.activities import (
    ConsultationActivities,
    DecisionActivities,
    EvaluationActivities,
    StageActivities,
)
from services.ranking.domain.steps import Consulting, Deciding
from services.ranking.workflows import Consultation, Decision, Evaluation
from shared.contracts.workflows import StageRef
from shared.infra.temporal import activities_of, build_worker
from shared.kernel.stages import StageState
from tests.workflow.ranking.papers import AnsweredStanding, Papers

SERVER = Path(sys.prefix) / "bin" / "temporal-test-server"
DAY = timedelta(days=1)
HANDED_OVER = ["freeze", "close"]


@dataclass
class Scene:
    """A time-skipping server, the workers of ranking and submission, and the papers."""

    env: WorkflowEnvironment
    papers: Papers

    async def start(self, workflow: str) -> WorkflowHandle[Any, Any]:
        """Start a workflow of ranking."""
        return await self.env.client.start_workflow(
            workflow, stage(workflow.lower()), id=str(uuid4()), task_queue="ranking"
        )

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

    async def consulting(self, days: int = 5, **changes: Any) -> None:
        """A consultation whose term ends in so many days, with a reminder two days before."""
        now = await self.env.get_current_time()
        self.papers.consulting = Consulting(now + days * DAY, now + (days - 2) * DAY, **changes)


def stage(kind: str) -> StageRef:
    return StageRef(
        stage_id=uuid4(),
        kind=kind,
        cycle_id=uuid4(),
        category_id=uuid4(),
        category_key="new_quality_pioneer",
        rulebook_id="qingdao-economic-achievements",
        rulebook_digest="0" * 64,
        manifest_id=uuid4(),
        manifest_digest="0" * 64,
        manifest_source="review",
    )


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(SERVER), data_converter=pydantic_data_converter
    ) as env:
        papers = Papers(env.get_current_time)
        workflows = (Evaluation, Decision, Consultation)
        async with (
            build_worker(env.client, "ranking", workflows, activities_of(papers)),
            build_worker(env.client, "submission", [AnsweredStanding], []),
        ):
            yield Scene(env, papers)


def test_the_papers_have_every_activity_of_the_service() -> None:
    holders = (StageActivities, EvaluationActivities, DecisionActivities, ConsultationActivities)
    real = {_name(one) for one in activities_of(*(holder.__new__(holder) for holder in holders))}

    async def never() -> datetime:
        raise AssertionError("no clock is asked")

    assert {_name(one) for one in activities_of(Papers(never))} == real


def _name(method: Any) -> str:
    return str(method.__temporal_activity_definition.name)


async def test_an_evaluation_waits_for_the_office_and_hands_over(scene: Scene) -> None:
    running = await scene.start("Evaluation")
    await scene.until("receive")
    assert scene.papers.steps == ["begin", "receive"]

    await scene.act(running, completed=True, stored=True)
    await running.result()

    assert scene.papers.steps == ["begin", "receive", *HANDED_OVER]


async def test_a_stage_closes_only_when_all_dossiers_are_stored(scene: Scene) -> None:
    running = await scene.start("Evaluation")
    await scene.until("receive")
    await scene.act(running, completed=True)
    await scene.until("freeze")
    await asyncio.sleep(1)
    assert scene.papers.steps[-1] == "freeze"

    scene.papers.desk = replace(scene.papers.desk, stored=True)
    await running.result()

    assert scene.papers.steps[-2:] == HANDED_OVER


async def test_a_decision_asks_the_gate_ranks_waits_and_writes_the_minute(scene: Scene) -> None:
    running = await scene.start("Decision")
    await scene.until("rank")
    scene.papers.deciding = replace(scene.papers.deciding, minute_missing=True)

    await scene.act(running, completed=True, stored=True)
    await running.result()

    assert scene.papers.steps == ["begin", "receive", "bind ranking", "rank", "minute", *HANDED_OVER]


async def test_recommendations_are_a_final_list_and_pass_its_gate(scene: Scene) -> None:
    scene.papers.deciding = Deciding(recommends=True)
    running = await scene.start("Decision")
    await scene.until("rank")

    await scene.act(running, completed=True, stored=True)
    await running.result()

    assert scene.papers.steps == ["begin", "receive", "bind ranking", "rank", "bind final_list", *HANDED_OVER]


async def test_departments_are_reminded_and_silence_ends_with_the_term(scene: Scene) -> None:
    await scene.consulting()
    scene.papers.desk = replace(scene.papers.desk, stored=True)
    begun = await scene.env.get_current_time()

    await (await scene.start("Consultation")).result()

    assert scene.papers.steps == ["begin", "receive", "remind", "tally", "bind final_list", *HANDED_OVER]
    assert scene.papers.at("remind") - begun >= 3 * DAY
    assert 5 * DAY <= scene.papers.at("tally") - begun < 6 * DAY


async def test_a_concern_waits_for_its_ruling(scene: Scene) -> None:
    await scene.consulting()
    scene.papers.concern_raised = True
    scene.papers.desk = replace(scene.papers.desk, stored=True)
    running = await scene.start("Consultation")
    await scene.env.sleep(6 * DAY)
    await scene.until("tally")
    assert scene.papers.steps == ["begin", "receive", "remind", "tally"]

    scene.papers.consulting = replace(scene.papers.consulting, unruled=False)
    await running.signal("look_again")
    await running.result()

    assert scene.papers.steps[-3:] == ["bind final_list", *HANDED_OVER]


async def test_all_replies_in_and_the_office_ends_the_consultation_early(scene: Scene) -> None:
    await scene.consulting()
    begun = await scene.env.get_current_time()
    running = await scene.start("Consultation")
    await scene.until("receive")
    scene.papers.consulting = replace(scene.papers.consulting, closed_early=True)

    await scene.act(running, stored=True)
    await running.result()

    assert scene.papers.steps == ["begin", "receive", "tally", "bind final_list", *HANDED_OVER]
    assert scene.papers.at("tally") - begun < DAY


async def test_a_paused_consultation_does_not_end_with_its_term(scene: Scene) -> None:
    await scene.consulting()
    running = await scene.start("Consultation")
    await scene.until("receive")
    await scene.act(running, state=StageState.PAUSED, stored=True)
    await scene.env.sleep(9 * DAY)
    assert "tally" not in scene.papers.steps

    await scene.act(running, state=StageState.OPEN)
    await running.result()

    assert scene.papers.at("tally") - scene.papers.at("begin") >= 9 * DAY


async def test_a_cancelled_stage_ends_without_a_list(scene: Scene) -> None:
    running = await scene.start("Decision")
    await scene.until("rank")

    await scene.act(running, state=StageState.CANCELLED)
    await running.result()

    assert scene.papers.steps == ["begin", "receive", "bind ranking", "rank"]


async def test_a_refused_step_is_shown_and_tried_again_when_nudged(scene: Scene) -> None:
    scene.papers.refuse = "rank"
    running = await scene.start("Decision")
    await scene.until("stuck")

    scene.papers.refuse = None
    await running.signal("look_again")
    await scene.until("rank")
    await scene.act(running, completed=True, stored=True)
    await running.result()

    assert scene.papers.steps == ["begin", "receive", "bind ranking", "stuck", "rank", *HANDED_OVER]
