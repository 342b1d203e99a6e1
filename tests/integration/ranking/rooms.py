"""The rooms around ranking, played by the test: who hands manifests over, answers gates, moves the clock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import nats
import nats.js.api
from pydantic import BaseModel
from sqlalchemy import select, text
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from deploy.stack import Stack
from shared.contracts.dossiers import Manifest, ManifestEntry
from shared.contracts.facts import Envelope, Fact, subject_of
from shared.contracts.names import stage_workflow_id
from shared.contracts.stubs import STAGE_WORKFLOWS
from shared.contracts.workflows import StageRef, StandingAnswer, StandingQuestion
from shared.infra.clocks import new_id
from shared.infra.database import Database
from shared.infra.everywhere import move_clock
from shared.infra.files import Files
from shared.infra.rulebooks import load_shipped
from shared.infra.settings import Settings
from shared.infra.tables import Outbox
from shared.kernel.canonical import canonical, digest, digest_bytes, plain

Answer = TypeVar("Answer")


@workflow.defn(name="ConfirmStanding")
class AnsweredStanding:
    """Answers a gate with what the test says."""

    @workflow.run
    async def run(self, question: StandingQuestion) -> StandingAnswer:
        return await workflow.execute_activity(
            "test.standing",
            question,
            result_type=StandingAnswer,
            start_to_close_timeout=datetime.resolution * 30_000_000,
        )


class Rooms:
    """Submission, review, office and publication as far as ranking sees them."""

    def __init__(self, stack: Stack) -> None:
        self._settings = {
            name: _settings(stack, name) for name in ("submission", "review", "ranking", "office", "publication")
        }
        self._files = {name: Files(settings) for name, settings in self._settings.items()}
        self.fallen: set[UUID] = set()
        self.asked: list[StandingQuestion] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.database = Database(self._settings["ranking"].database_url, "ranking", pool=2)
        self._stop = asyncio.Event()
        self._client = self.run(self._connect())
        self._worker = asyncio.run_coroutine_threadsafe(self._work(), self._loop)

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run something asynchronous to its end."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        """End the worker and the loop."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._worker.result(30)
        self.run(self.database.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _connect(self) -> Client:
        settings = self._settings["submission"]
        return await Client.connect(settings.temporal_address, data_converter=pydantic_data_converter)

    async def _work(self) -> None:
        @activity.defn(name="test.standing")
        async def standing(question: StandingQuestion) -> StandingAnswer:
            self.asked.append(question)
            fallen = tuple(sorted(self.fallen, key=str))
            return StandingAnswer(
                manifest_id=question.manifest_id, gate=question.gate, fallen=fallen, digest=digest(list(fallen))
            )

        async with Worker(
            self._client,
            task_queue="submission",
            workflows=[AnsweredStanding],
            activities=[standing],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            await self._stop.wait()

    def put(self, service: str, content: BaseModel) -> str:
        """Lay a dossier down as a service would; returns its digest."""
        body = canonical(content)
        found = digest_bytes(body)
        self.run(self._files[service].put_dossier(found, body))
        return found

    def read(self, service: str, found: str) -> bytes:
        """Read a dossier as a service would."""
        return self.run(self._files["publication"].get_dossier(service, found))

    def hand_over(self, service: str, place: StageRef, entries: Sequence[ManifestEntry]) -> StageRef:
        """Freeze a manifest as a service would; returns the reference with it."""
        manifest = Manifest(
            manifest_id=new_id(),
            source=service,
            stage_id=uuid4(),
            cycle_id=place.cycle_id,
            category_id=place.category_id,
            entries=tuple(entries),
        )
        found = self.put(service, manifest)
        return place.model_copy(
            update={"manifest_id": manifest.manifest_id, "manifest_digest": found, "manifest_source": service}
        )

    def start(self, ref: StageRef) -> None:
        """Start a stage's workflow as its category would."""
        owner, kind = STAGE_WORKFLOWS[ref.kind]
        self.run(self._client.start_workflow(kind, ref, id=stage_workflow_id(ref.stage_id), task_queue=owner))

    def state(self, fact: Fact, service: str) -> None:
        """State a fact as a service would."""
        self.run(self._publish(fact, service))

    async def _publish(self, fact: Fact, service: str) -> None:
        connection = await nats.connect(self._settings[service].nats_url)
        envelope = Envelope(id=new_id(), subject=subject_of(fact), occurred_at=datetime.now(UTC), fact=plain(fact))
        headers = {nats.js.api.Header.MSG_ID.value: str(envelope.id)}
        await connection.jetstream().publish(envelope.subject, envelope.model_dump_json().encode(), headers=headers)
        await connection.close()

    def now(self) -> datetime:
        """Business time of ranking."""

        async def read() -> datetime:
            async with self.database.transaction() as tx:
                return tx.now

        return self.run(read())

    def move_clock(self, to: datetime) -> None:
        """Business time of ranking jumps forward; other services on the same servers keep theirs."""

        async def move() -> None:
            async with self.database.transaction() as tx:
                await move_clock(tx, int((to - datetime.now(UTC)).total_seconds()) + 1)

        self.run(move())

    def facts(self, subject: str, category_id: UUID) -> list[dict[str, Any]]:
        """What ranking has stated of a category under a subject."""

        async def read() -> list[dict[str, Any]]:
            async with self.database.transaction() as tx:
                query = select(Outbox).where(Outbox.target == "fact", Outbox.subject == subject).order_by(Outbox.id)
                rows = (await tx.session.execute(query)).scalars()
                return [
                    row.payload["fact"] for row in rows if row.payload["fact"].get("category_id") == str(category_id)
                ]

        return self.run(read())

    def workflow_open(self, stage_id: UUID) -> bool:
        """Whether a stage's workflow is still registered as open work."""

        async def read() -> bool:
            async with self.database.transaction() as tx:
                found = await tx.session.execute(
                    text("SELECT count(*) FROM infra.open_work WHERE workflow_id = :id"),
                    {"id": stage_workflow_id(stage_id)},
                )
                return bool(found.scalar_one())

        return self.run(read())


def _settings(stack: Stack, name: str) -> Settings:
    values = {key.removeprefix("FANGBANG_").lower(): value for key, value in stack.settings_for(name).items()}
    return Settings.model_validate(values)


def stage_ref(kind: str, category_key: str, category_id: UUID, cycle_id: UUID, supplement: int = 0) -> StageRef:
    """A stage of a category under the shipped rulebook that has it."""
    book = next(book for book in load_shipped().values() if any(one.key == category_key for one in book.categories))
    return StageRef(
        stage_id=uuid4(),
        kind=kind,
        cycle_id=cycle_id,
        category_id=category_id,
        category_key=category_key,
        rulebook_id=book.id,
        rulebook_digest=book.digest,
        supplement=supplement,
    )
