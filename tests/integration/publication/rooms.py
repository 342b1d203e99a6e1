"""The rooms around publication, played by the test: who opens cycles, hands lists over, answers gates, moves time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
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
from shared.contracts.dossiers import FinalEntryDossier, Manifest, ManifestEntry
from shared.contracts.facts import (
    CategoryOpened,
    ClockMoved,
    CycleOpened,
    Envelope,
    Fact,
    LedgerAppended,
    PartDeposited,
    subject_of,
)
from shared.contracts.names import release_workflow_id, stage_workflow_id
from shared.contracts.stubs import STAGE_WORKFLOWS
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import CycleRef, StageRef, StandingAnswer, StandingQuestion
from shared.infra.clocks import new_id
from shared.infra.database import Database
from shared.infra.files import Files
from shared.infra.rulebooks import load_shipped
from shared.infra.settings import Settings
from shared.infra.tables import Audit, Outbox
from shared.kernel.canonical import canonical, digest, digest_bytes, plain

Answer = TypeVar("Answer")


@workflow.defn(name="ConfirmStanding")
class AnsweredStanding:
    """Answers a gate with what the test says."""

    @workflow.run
    async def run(self, question: StandingQuestion) -> StandingAnswer:
        return await workflow.execute_activity(
            "test.publication_standing",
            question,
            result_type=StandingAnswer,
            start_to_close_timeout=timedelta(seconds=30),
        )


class Place(BaseModel):
    """A category of a cycle."""

    cycle_id: UUID
    category_id: UUID
    category_key: str
    rulebook_id: str
    rulebook_digest: str

    def stage(self, kind: str, supplement: int = 0, **more: Any) -> StageRef:
        """A stage of it."""
        return StageRef(stage_id=uuid4(), kind=kind, supplement=supplement, **self.model_dump(), **more)


class Rooms:
    """Office, submission and ranking as far as publication sees them."""

    def __init__(self, stack: Stack) -> None:
        names = ("submission", "review", "ranking", "office", "publication")
        self.settings = {name: _settings(stack, name) for name in names}
        self.files = {name: Files(settings) for name, settings in self.settings.items()}
        self.fallen: set[UUID] = set()
        self.asked: list[StandingQuestion] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.database = Database(self.settings["publication"].database_url, "publication", pool=2)
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
        settings = self.settings["submission"]
        return await Client.connect(settings.temporal_address, data_converter=pydantic_data_converter)

    async def _work(self) -> None:
        @activity.defn(name="test.publication_standing")
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

    def open_cycle(self, *category_keys: str, year: int = 2026) -> list[Place]:
        """A cycle with these categories of one shipped rulebook."""
        book = next(
            book for book in load_shipped().values() if any(one.key == category_keys[0] for one in book.categories)
        )
        cycle, pinned = uuid4(), {"rulebook_id": book.id, "rulebook_digest": book.digest}
        self.state(CycleOpened(cycle_id=cycle, year=year, **pinned), "office")
        places = [
            Place(cycle_id=cycle, category_id=uuid4(), category_key=category_key, **pinned)
            for category_key in category_keys
        ]
        for place in places:
            self.state(CategoryOpened(**place.model_dump()), "office")
        return places

    def put(self, service: str, content: BaseModel | dict[str, Any]) -> str:
        """Lay a dossier down as a service would; returns its digest."""
        body = canonical(content)
        found = digest_bytes(body)
        self.run(self.files[service].put_dossier(found, body))
        return found

    def final_list(self, place: Place, names: Sequence[str], **more: Any) -> tuple[UUID, str, list[FinalEntryDossier]]:
        """A final list as ranking hands it over: (manifest id, digest, entries)."""
        lines = [final_entry(place, number, name, **more) for number, name in enumerate(names, 1)]
        entries = [
            ManifestEntry(
                case_id=line.case_id, number=line.number, dossier_digest=self.put("ranking", line), subject=line.subject
            )
            for line in lines
        ]
        manifest = Manifest(
            manifest_id=new_id(),
            source="ranking",
            stage_id=uuid4(),
            cycle_id=place.cycle_id,
            category_id=place.category_id,
            entries=tuple(entries),
        )
        return manifest.manifest_id, self.put("ranking", manifest), lines

    def publicity(
        self, place: Place, names: Sequence[str], supplement: int = 0
    ) -> tuple[StageRef, list[FinalEntryDossier]]:
        """Start a publicity of a fresh final list."""
        manifest_id, found, lines = self.final_list(place, names)
        ref = place.stage(
            "publicity", supplement, manifest_id=manifest_id, manifest_digest=found, manifest_source="ranking"
        )
        self.start(ref)
        return ref, lines

    def start(self, ref: StageRef) -> None:
        """Start a stage's workflow as its category would."""
        owner, kind = STAGE_WORKFLOWS[ref.kind]
        self.run(self._client.start_workflow(kind, ref, id=stage_workflow_id(ref.stage_id), task_queue=owner))

    def start_release(self, place: Place) -> None:
        """Start the release of a cycle as the cycle would."""
        ref = CycleRef(**place.model_dump(include={"cycle_id", "rulebook_id", "rulebook_digest"}))
        self.run(
            self._client.start_workflow(
                "Release", ref, id=release_workflow_id(place.cycle_id), task_queue="publication"
            )
        )

    def state(self, fact: Fact, service: str) -> None:
        """State a fact as a service would."""
        self.run(self._publish(fact, service))

    async def _publish(self, fact: Fact, service: str) -> None:
        connection = await nats.connect(self.settings[service].nats_url)
        envelope = Envelope(id=new_id(), subject=subject_of(fact), occurred_at=datetime.now(UTC), fact=plain(fact))
        headers = {nats.js.api.Header.MSG_ID.value: str(envelope.id)}
        await connection.jetstream().publish(envelope.subject, envelope.model_dump_json().encode(), headers=headers)
        await connection.close()

    def append_ledger(self) -> None:
        """Say that the ledger has taken in everything publication has numbered."""
        self.state(LedgerAppended(of_service="publication", source_number=self.numbered()), "office")

    def deposit(self, place: Place, source: str, name: str, content: dict[str, Any], audience: str = "public") -> None:
        """Lay a bundle part down and say so."""
        found = self.put(source, content)
        part = PartDeposited(
            source=source,
            cycle_id=place.cycle_id,
            category_id=place.category_id,
            audience=audience,
            name=name,
            digest=found,
        )
        self.state(part, source)

    def numbered(self) -> int:
        """How many audit rows publication has numbered."""
        return self.scalar("SELECT coalesce(max(number), 0) FROM infra.audit")

    def scalar(self, statement: str, **values: Any) -> Any:
        """One value of publication's database."""

        async def read() -> Any:
            async with self.database.transaction() as tx:
                return (await tx.session.execute(text(statement), values)).scalar()

        return self.run(read())

    def audit_of(self, action: str) -> list[Audit]:
        """Audit rows of an action, oldest first."""

        async def read() -> list[Audit]:
            async with self.database.transaction() as tx:
                found = await tx.session.execute(select(Audit).where(Audit.action == action).order_by(Audit.id))
                return list(found.scalars())

        return self.run(read())

    def now(self) -> datetime:
        """Business time of publication."""

        async def read() -> datetime:
            async with self.database.transaction() as tx:
                return tx.now

        return self.run(read())

    def move_clock(self, to: datetime) -> None:
        """Business time jumps forward to an instant (never back)."""
        offset = int((to - datetime.now(UTC)).total_seconds()) + 1
        self.state(ClockMoved(offset_seconds=offset), "office")

    def facts(self, subject: str, category_id: UUID | None = None) -> list[dict[str, Any]]:
        """What publication has stated under a subject."""

        async def read() -> list[dict[str, Any]]:
            async with self.database.transaction() as tx:
                query = select(Outbox).where(Outbox.target == "fact", Outbox.subject == subject).order_by(Outbox.id)
                rows = [row.payload["fact"] for row in (await tx.session.execute(query)).scalars()]
                wanted = str(category_id)
                return [row for row in rows if category_id is None or row.get("category_id") == wanted]

        return self.run(read())


def _settings(stack: Stack, name: str) -> Settings:
    values = {key.removeprefix("FANGBANG_").lower(): value for key, value in stack.settings_for(name).items()}
    return Settings.model_validate(values)


def final_entry(place: Place, number: int, name: str, **more: Any) -> FinalEntryDossier:
    """A line of a final list: invented."""
    return FinalEntryDossier(
        case_id=uuid4(),
        number=f"{place.category_key.upper()[:3]}-2026-{number:03d}-{str(place.category_id)[:4]}",
        subject=CaseSubject(name=name, industry="制造业", district="崂山区", ownership="民营"),
        position=number,
        score=more.get("score", f"{100 - number}.5"),
        rank=number,
        outcome=more.get("outcome", "listed"),
        reason=more.get("reason"),
        previous_digest="0" * 64,
    )
