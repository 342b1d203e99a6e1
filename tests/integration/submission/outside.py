"""What office does around submission: opens cycles, starts stages, asks gates, moves the rehearsal clock; and an ear
for submission's facts."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import nats
from nats.aio.msg import Msg
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.contrib.pydantic import pydantic_data_converter

from deploy.stack import Stack
from shared.contracts.facts import ClockMoved, Envelope, Fact, StageClosed, subject_of
from shared.contracts.names import stage_workflow_id, standing_workflow_id
from shared.contracts.stubs import STAGE_WORKFLOWS, ConfirmStanding
from shared.contracts.workflows import StageRef, StandingAnswer, StandingQuestion
from shared.kernel.canonical import plain

Answer = TypeVar("Answer")


class Outside:
    """A thread that speaks NATS and Temporal as office does."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.facts: list[Envelope] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Connect."""
        self._thread.start()
        self._call(self._connect())

    def stop(self) -> None:
        """Disconnect."""
        self._call(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def state(self, fact: Fact) -> None:
        """Publish a fact as the service that its subject names would."""
        self._call(self._publish(fact))

    def start_stage(self, ref: StageRef) -> None:
        """What office's CategoryLifecycle does."""
        queue, kind = STAGE_WORKFLOWS[ref.kind]
        self._call(self._temporal.start_workflow(kind, ref, id=stage_workflow_id(ref.stage_id), task_queue=queue))

    def confirm_standing(self, manifest_id: UUID, category_id: UUID, gate: str) -> StandingAnswer:
        """What a stage of another service asks at a gate."""
        question = StandingQuestion(manifest_id=manifest_id, category_id=category_id, gate=gate)
        return self._call(
            self._temporal.execute_workflow(
                ConfirmStanding.run,
                question,
                id=standing_workflow_id(manifest_id, gate),
                task_queue="submission",
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            )
        )

    def move_clock(self, to: datetime) -> None:
        """Business time jumps to an instant."""
        self.state(ClockMoved(offset_seconds=int((to - datetime.now(UTC)) / timedelta(seconds=1)) + 1))

    def heard(self, subject: str, **wanted: object) -> list[dict[str, Any]]:
        """Facts of submission under a subject, in order."""
        return [
            one.fact
            for one in self.facts
            if one.subject == subject and all(one.fact.get(name) == value for name, value in plain(wanted).items())
        ]

    def closed(self, stage_id: UUID) -> StageClosed | None:
        """The closing of a stage, once it has happened."""
        found = self.heard("submission.stage.closed.v1", stage_id=stage_id)
        return StageClosed.model_validate(found[0]) if found else None

    def _call(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _connect(self) -> None:
        settings = self._stack.settings_for("office")
        self._nats = await nats.connect(settings["FANGBANG_NATS_URL"])
        jetstream = self._nats.jetstream()
        self._hearing = await jetstream.subscribe("submission.>", cb=self._hear, stream="FACTS", ordered_consumer=True)
        address = settings["FANGBANG_TEMPORAL_ADDRESS"]
        self._temporal = await Client.connect(address, data_converter=pydantic_data_converter)

    async def _disconnect(self) -> None:
        # The connection's end alone leaves the two tasks that watch an ordered consumer.
        await self._hearing.unsubscribe()
        await self._nats.close()

    async def _hear(self, message: Msg) -> None:
        self.facts.append(Envelope.model_validate_json(message.data))

    async def _publish(self, fact: Fact) -> None:
        envelope = Envelope(id=uuid4(), subject=subject_of(fact), occurred_at=datetime.now(UTC), fact=plain(fact))
        body = json.dumps(envelope.model_dump(mode="json")).encode()
        service = envelope.subject.partition(".")[0]
        if service == "office":
            await self._nats.jetstream().publish(envelope.subject, body)
            return
        connection = await nats.connect(self._stack.settings_for(service)["FANGBANG_NATS_URL"])
        await connection.jetstream().publish(envelope.subject, body)
        await connection.close()
