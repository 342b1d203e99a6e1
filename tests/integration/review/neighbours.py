"""Office's ledger and submission's standing, as far as review needs them, on the real servers."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import nats
from nats.aio.msg import Msg
from nats.js.api import DeliverPolicy
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from deploy.stack import Stack
from shared.contracts.facts import AuditSequenced, Envelope, Fact, LedgerAppended, StageClosed, subject_of
from shared.contracts.names import stage_workflow_id
from shared.contracts.procedure import RETRY
from shared.contracts.workflows import StageRef, StandingAnswer, StandingQuestion
from shared.kernel.canonical import digest, plain

Answer = TypeVar("Answer")


@workflow.defn(name="ConfirmStanding")
class StandingForTests:
    """Answers a gate with what the test says."""

    @workflow.run
    async def run(self, question: StandingQuestion) -> StandingAnswer:
        """Ask the test."""
        from datetime import timedelta

        answer: StandingAnswer = await workflow.execute_activity(
            "answer_standing",
            question,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RETRY,
            result_type=StandingAnswer,
        )
        return answer


class Neighbours:
    """A thread with office's ledger (confirms what was sequenced) and submission's worker."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.fallen: set[UUID] = set()
        self.asked: list[StandingQuestion] = []
        self.facts: list[Envelope] = []
        self.ledger_works = True
        self._sequenced = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Connect and serve."""
        self._thread.start()
        self.run(self._serve())

    def stop(self) -> None:
        """End the thread."""
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def start_stage(self, workflow_type: str, ref: StageRef) -> None:
        """What office's CategoryLifecycle does."""
        self.run(
            self._temporal.start_workflow(workflow_type, ref, id=stage_workflow_id(ref.stage_id), task_queue="review")
        )

    def state(self, fact: Fact, sender: str) -> None:
        """Publish a fact as its service would."""
        self.run(self._publish(fact, sender))

    def heard(self, subject: str, **wanted: object) -> list[Envelope]:
        """Facts of review under a subject."""
        return [
            one
            for one in self.facts
            if one.subject == subject and all(one.fact.get(name) == value for name, value in plain(wanted).items())
        ]

    def closed(self, stage_id: UUID) -> StageClosed | None:
        """The closing of a stage, once it has happened."""
        found = self.heard("review.stage.closed.v1", stage_id=stage_id)
        return StageClosed.model_validate(found[0].fact) if found else None

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run something on this thread's loop: the caller may have a loop of its own running, as a browser's has."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _serve(self) -> None:
        self._nats = {
            sender: await nats.connect(self._stack.settings_for(sender)["FANGBANG_NATS_URL"])
            for sender in ("office", "submission")
        }
        jetstream = self._nats["office"].jetstream()
        # Facts of before are those of another module's service with another audit.
        self._hearing = await jetstream.subscribe(
            "review.>", cb=self._hear, stream="FACTS", ordered_consumer=True, deliver_policy=DeliverPolicy.NEW
        )
        address = self._stack.settings_for("office")["FANGBANG_TEMPORAL_ADDRESS"]
        self._temporal = await Client.connect(address, data_converter=pydantic_data_converter)

        @activity.defn(name="answer_standing")
        async def answer_standing(question: StandingQuestion) -> StandingAnswer:
            self.asked.append(question)
            fallen = tuple(sorted(self.fallen))
            return StandingAnswer(
                manifest_id=question.manifest_id,
                gate=question.gate,
                fallen=fallen,
                digest=digest([str(question.manifest_id), question.gate, [str(one) for one in fallen]]),
            )

        self._worker = Worker(
            self._temporal,
            task_queue="submission",
            workflows=[StandingForTests],
            activities=[answer_standing],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        self._working = asyncio.ensure_future(self._worker.run())

    async def _end(self) -> None:
        await self._worker.shutdown()
        await self._working
        # The connection's end alone leaves the two tasks that watch an ordered consumer.
        await self._hearing.unsubscribe()
        for connection in self._nats.values():
            await connection.close()

    async def _hear(self, message: Msg) -> None:
        envelope = Envelope.model_validate_json(message.data)
        self.facts.append(envelope)
        if envelope.subject == "review.audit.sequenced.v1":
            self._sequenced = AuditSequenced.model_validate(envelope.fact).entries[-1].number
            if self.ledger_works:
                await self._confirm_ledger()

    async def _confirm_ledger(self) -> None:
        await self._publish(LedgerAppended(of_service="review", source_number=self._sequenced), "office")

    def ledger_catches_up(self) -> None:
        """The ledger works again and confirms what it missed."""
        self.ledger_works = True
        self.run(self._confirm_ledger())

    async def _publish(self, fact: Fact, sender: str) -> None:
        envelope = Envelope(id=uuid4(), subject=subject_of(fact), occurred_at=datetime.now(UTC), fact=plain(fact))
        await (
            self._nats[sender]
            .jetstream()
            .publish(envelope.subject, json.dumps(envelope.model_dump(mode="json")).encode())
        )
