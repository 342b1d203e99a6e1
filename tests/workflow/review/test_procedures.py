"""Review's workflows under skipped time: waits for people, terms, a short panel, a refused step, an ordering."""

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

from services.review.activities import ReviewActivities
from services.review.domain.panel import PanelState
from services.review.domain.parties import Phase
from services.review.workflows import EventOrdering, PanelReview
from shared.contracts.workflows import StageRef
from shared.infra.temporal import activities_of, build_worker
from tests.workflow.review.papers import ANSWER, DAY, SCORING, UNDERTAKING, AnsweredStanding, Papers

SERVER = Path(sys.prefix) / "bin" / "temporal-test-server"


@dataclass
class Scene:
    """A time-skipping server, the workers of review and submission, and the papers."""

    env: WorkflowEnvironment
    papers: Papers

    async def start(self, workflow: str) -> WorkflowHandle[Any, Any]:
        """Start a workflow of review."""
        return await self.env.client.start_workflow(workflow, stage(), id=str(uuid4()), task_queue="review")

    async def until(self, step: str, times: int = 1) -> None:
        """Let real time pass until a step was taken so many times, without skipping."""
        for _ in range(1200):
            if self.papers.steps.count(step) >= times:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{step} was not taken: {self.papers.steps}")

    async def drawn(self) -> WorkflowHandle[Any, Any]:
        """A panel whose seven members were just called."""
        running = await self.start("PanelReview")
        await self.until("bind draw")
        self.papers.change(state=PanelState.UNDERTAKING, pending=7)
        self.papers.closes_at = await self.papers.now() + UNDERTAKING
        await running.signal("look_again")
        return running


def stage() -> StageRef:
    return StageRef(
        stage_id=uuid4(),
        kind="panel_review",
        cycle_id=uuid4(),
        category_id=uuid4(),
        category_key="new_quality_pioneer",
        rulebook_id="qingdao-economic-achievements",
        rulebook_digest="0" * 64,
        manifest_id=uuid4(),
        manifest_digest="0" * 64,
        manifest_source="submission",
    )


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(SERVER), data_converter=pydantic_data_converter
    ) as env:
        papers = Papers(env.get_current_time)
        async with (
            build_worker(env.client, "review", (PanelReview, EventOrdering), activities_of(papers)),
            build_worker(env.client, "submission", [AnsweredStanding], []),
        ):
            yield Scene(env, papers)


def test_the_papers_have_every_activity_of_the_service() -> None:
    async def never() -> datetime:
        raise AssertionError("no clock is asked")

    real = {_name(one) for one in activities_of(ReviewActivities.__new__(ReviewActivities))}

    assert {_name(one) for one in activities_of(Papers(never))} == real


def _name(method: Any) -> str:
    return str(method.__temporal_activity_definition.name)


async def test_a_panel_goes_from_receipt_to_its_manifest(scene: Scene) -> None:
    running = await scene.drawn()
    scene.papers.change(pending=0)
    await running.signal("look_again")
    await scene.until("start_scoring")
    scene.papers.change(unsigned=0)
    await running.signal("look_again")
    await scene.until("bind unsealing")
    scene.papers.change(state=PanelState.UNSEALED, stored=True)
    await running.signal("look_again")

    await running.result()

    assert scene.papers.steps == [
        "begin",
        "receive",
        "bind draw",
        "start_scoring",
        "seal",
        "bind unsealing",
        "settle",
        "close",
    ]


async def test_a_silent_party_voids_the_attempt_after_its_term_and_the_next_one_is_drawn(scene: Scene) -> None:
    running = await scene.start("PanelReview")
    await scene.until("bind draw")
    scene.papers.change(state=PanelState.FROZEN, phase=Phase.LISTING, in_ledger=True)
    await running.signal("look_again")
    await scene.until("call_parties")
    await scene.env.sleep(ANSWER + timedelta(minutes=1))
    await scene.until("void_silent")

    scene.papers.change(state=PanelState.FROZEN, phase=Phase.COMMITTED, in_ledger=True)
    await running.signal("look_again")
    await scene.until("call_parties", times=2)
    scene.papers.change(phase=Phase.REVEALED)
    await running.signal("look_again")
    await scene.until("draw")

    steps = ["begin", "receive", "bind draw", "call_parties", "void_silent", "call_parties", "draw"]
    assert scene.papers.steps == steps
    waited = scene.papers.at("void_silent") - scene.papers.at("call_parties")
    assert ANSWER <= waited < ANSWER + timedelta(minutes=2)
    await running.terminate()


async def test_the_undertaking_and_scoring_terms_end_by_themselves(scene: Scene) -> None:
    running = await scene.drawn()
    called = await scene.papers.now()

    await scene.env.sleep(UNDERTAKING + timedelta(minutes=1))
    await scene.until("start_scoring")
    await scene.env.sleep(SCORING + timedelta(minutes=1))
    await scene.until("bind unsealing")
    scene.papers.change(state=PanelState.UNSEALED, stored=True)
    await running.signal("look_again")
    await running.result()

    assert timedelta() <= scene.papers.at("lapse") - called - UNDERTAKING < timedelta(minutes=2)
    scored = scene.papers.at("seal") - scene.papers.at("start_scoring")
    assert SCORING <= scored < SCORING + timedelta(minutes=2)


async def test_a_short_panel_waits_for_the_office_however_long(scene: Scene) -> None:
    running = await scene.drawn()
    scene.papers.change(pending=0)
    await running.signal("look_again")
    await scene.until("start_scoring")
    scene.papers.change(short=1)
    await scene.env.sleep(SCORING + timedelta(minutes=1))
    await scene.until("seal")
    await scene.env.sleep(40 * DAY)
    waited = list(scene.papers.steps)

    scene.papers.change(short=0)
    await running.signal("look_again")
    for _ in range(400):
        if scene.papers.steps.count("start_scoring") == 2:
            break
        await asyncio.sleep(0.05)

    assert waited[-1] == "seal"
    assert scene.papers.steps == [*waited, "start_scoring"]
    await running.terminate()


async def test_a_refused_step_is_shown_and_tried_again_after_a_nudge(scene: Scene) -> None:
    scene.papers.refuse = "receive"
    running = await scene.start("PanelReview")
    await scene.until("stuck")

    scene.papers.refuse = None
    await running.signal("look_again")
    await scene.until("bind draw")

    assert scene.papers.steps == ["begin", "stuck", "receive", "bind draw"]
    await running.terminate()


async def test_a_panel_without_cases_hands_on_an_empty_manifest(scene: Scene) -> None:
    scene.papers.change(standing_cases=0, stored=True)

    await (await scene.start("PanelReview")).result()

    assert scene.papers.steps == ["begin", "receive", "settle", "close"]


async def test_an_ordering_starts_with_the_quorum_and_ends_with_all_sheets(scene: Scene) -> None:
    running = await scene.start("EventOrdering")
    await scene.until("receive")
    scene.papers.change_order(ready=7)
    await running.signal("look_again")
    await scene.until("start")
    scene.papers.change_order(ready=0, expected=0, handed_in=7)
    await running.signal("look_again")
    await scene.until("bind unsealing")
    scene.papers.change_order(state=PanelState.UNSEALED, ties_open=True)
    await running.signal("look_again")
    await asyncio.sleep(0.5)
    tied = list(scene.papers.steps)
    scene.papers.change_order(ties_open=False, stored=True)
    await running.signal("look_again")

    await running.result()

    assert tied == ["begin", "receive", "start", "seal", "bind unsealing"]
    assert scene.papers.steps == [*tied, "settle", "close"]


async def test_an_ordering_without_quorum_waits_for_further_members(scene: Scene) -> None:
    running = await scene.start("EventOrdering")
    await scene.until("receive")
    scene.papers.change_order(ready=7)
    await running.signal("look_again")
    await scene.until("start")
    scene.papers.change_order(handed_in=6, expected=1, ready=1)
    await scene.env.sleep(6 * DAY)
    await scene.until("seal")
    await scene.env.sleep(3 * DAY)
    short = scene.papers.order.state

    scene.papers.change_order(ready=1)
    await running.signal("look_again")
    for _ in range(400):
        if scene.papers.steps.count("start") == 2:
            break
        await asyncio.sleep(0.05)

    assert short == PanelState.SHORT
    assert scene.papers.steps == ["begin", "receive", "start", "seal", "start"]
    await running.terminate()
