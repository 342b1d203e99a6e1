"""PostgreSQL: the engine, and the transaction in which an action changes a row, audits it and states its facts.

Nobody below the edge commits: the edge (an endpoint, a consumer, an activity, a sweeper) opens a ``Tx`` and the
action works in it; leaving the block commits, any exception rolls everything back.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession

from shared.contracts.facts import Envelope, Fact, subject_of
from shared.infra.clocks import SystemClock, business_time, new_id, salt
from shared.infra.connections import ask_connections_that_rested
from shared.infra.killpoints import reach
from shared.infra.rows import Inserting, Row, writing
from shared.infra.tables import Audit, Dossier, Idempotency, OpenWork, Outbox, Stack, table_of
from shared.kernel.canonical import canonical, digest_bytes, plain

FACT = "fact"
COMMAND = "command"


class Session(ModelSession):
    """A session whose ``exec`` returns models and whose ``execute`` returns rows; both are meant to be used."""

    async def execute(self, *arguments: Any, **options: Any) -> CursorResult[Any]:
        """SQLAlchemy's own ``execute``, without SQLModel's warning against it."""
        return cast("CursorResult[Any]", await AsyncSession.execute(self, *arguments, **options))


@dataclass(frozen=True)
class Actor:
    """Who acts: a signed-in person with roles and those they act for, or the system itself (``account_id`` None).

    ``scopes``: the only acts allowed when a program acts with a person's API token; None for the person.
    """

    account_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    acts_for: frozenset[UUID] = frozenset()
    session: UUID | None = None
    auth_time: datetime | None = None
    scopes: frozenset[str] | None = None

    @property
    def is_system(self) -> bool:
        """True when a workflow, consumer or sweeper acts, not a person."""
        return self.account_id is None


SYSTEM = Actor()

_NOTIFY = text("SELECT pg_notify(channel, '') FROM unnest(CAST(:channels AS text[])) AS channel")
_AUDIT = Inserting(table_of(Audit))
_OUTBOX = Inserting(table_of(Outbox))
_IDEMPOTENCY = Inserting(table_of(Idempotency))
_DOSSIER = Inserting(table_of(Dossier), lambda new: new.on_conflict_do_nothing(index_elements=["digest"]))
_WORK = Inserting(
    table_of(OpenWork),
    lambda new: new.on_conflict_do_update(
        index_elements=["workflow_id"], set_={"due_at": new.excluded.due_at, "nudged_for": None}
    ),
)


@dataclass
class Tx:
    """One transaction of one actor: row + audit row + outbox rows, or nothing.

    ``now`` is business time, ``system_now`` system time, both fixed at the start of the transaction; ``came_at`` the
    business instant at which the request came in, which may have waited. A transaction that takes in many requests at
    once keeps what it would insert in ``gathered`` and writes it at its end with one statement. ``aside`` opens a
    short transaction beside this one, see ``Database.aside``.
    """

    session: Session
    service: str
    now: datetime
    system_now: datetime
    rehearsal: bool
    aside: Callable[[], AbstractAsyncContextManager[AsyncConnection]]
    actor: Actor = SYSTEM
    cause: UUID | None = None
    trace: str = ""
    notified: set[str] = field(default_factory=set)
    gathered: dict[Inserting, list[Row]] | None = None
    came_at: datetime | None = None

    @property
    def received_at(self) -> datetime:
        """What a term that waits for what is in flight is compared with: when the request came in."""
        return self.came_at or self.now

    def acting_as(self, actor: Actor, trace: str) -> "Tx":
        """The same transaction for another of the requests it takes in."""
        return replace(self, actor=actor, trace=trace)

    async def insert(self, into: Inserting, row: Row) -> None:
        """Insert a row, or keep it back until the end of a transaction that takes in many requests."""
        if self.gathered is None:
            await self.session.execute(into.one, row)
        else:
            self.gathered.setdefault(into, []).append(row)

    async def remember(self, answer: Mapping[str, Any]) -> None:
        """Keep the first answer to a writing request: a row of ``Idempotency`` but for its instant."""
        await self.insert(_IDEMPOTENCY, {**answer, "created_at": self.system_now})

    async def write_gathered(self) -> None:
        """Write what was kept back, and wake who waits for it, with one statement."""
        if self.gathered:
            await self.session.execute(*writing(self.gathered, self.notified))

    async def audit(
        self,
        action: str,
        *,
        cycle_id: UUID | None = None,
        category_id: UUID | None = None,
        case_id: UUID | None = None,
        stage_id: UUID | None = None,
        public: str | None = None,
        **details: object,
    ) -> None:
        """Record who did what; ``details`` stay in this database, only a salted digest reaches the ledger.

        ``public`` is a digest or commitment that must itself stand in the ledger (a frozen list, a commitment).
        """
        row = {
            "occurred_at": self.now,
            "recorded_at": self.system_now,
            "actor_id": self.actor.account_id,
            "action": action,
            "cycle_id": cycle_id,
            "category_id": category_id,
            "case_id": case_id,
            "stage_id": stage_id,
            "details": plain(details),
            "salt": salt(),
            "public": public,
            "trace": self.trace,
        }
        await self.insert(_AUDIT, row)
        await self.notify("audit")

    async def emit(self, fact: Fact) -> UUID:
        """State a fact: it leaves for NATS after the commit. Returns the fact's id."""
        envelope = Envelope(
            id=new_id(),
            subject=subject_of(fact),
            occurred_at=self.now,
            actor_id=self.actor.account_id,
            cause=self.cause,
            trace=self.trace,
            fact=plain(fact),
        )
        await self._send(FACT, envelope.subject, envelope.id, envelope.model_dump(mode="json"))
        return envelope.id

    async def ensure(
        self, workflow: str, workflow_id: str, ref: BaseModel, *, due_at: datetime | None = None, queue: str = ""
    ) -> None:
        """See that a workflow runs and looks again: start it by its fixed id, or nudge it.

        Registers it as open work until ``finish_work``; ``due_at`` is the business instant of its next look.
        """
        row = {
            "workflow_id": workflow_id,
            "workflow": workflow,
            "queue": queue or self.service,
            "ref": ref.model_dump(mode="json"),
            "due_at": due_at,
        }
        await self.insert(_WORK, {**row, "nudged_for": None})
        await self.command(row)

    async def command(self, work: Mapping[str, Any]) -> None:
        """Put a start-or-nudge command into the outbox."""
        payload = {name: work[name] for name in ("workflow_id", "workflow", "queue", "ref")}
        await self._send(COMMAND, str(work["workflow_id"]), new_id(), payload)

    async def nudge(self, workflow_id: str) -> None:
        """Have a piece of open work look again soon; nothing happens when it is finished."""
        work = await self.session.get(OpenWork, workflow_id)
        if work is not None:
            await self.command(work.model_dump())

    async def expect(self, workflow_id: str, due_at: datetime | None) -> None:
        """Set when open work must look again next (business time)."""
        work = await self.session.get(OpenWork, workflow_id)
        if work is not None and work.due_at != due_at:
            work.due_at, work.nudged_for = due_at, None
            self.session.add(work)

    async def finish_work(self, workflow_id: str) -> None:
        """This workflow has nothing left to do; ``rebuild`` will not start it again."""
        work = await self.session.get(OpenWork, workflow_id)
        if work is not None:
            await self.session.delete(work)

    async def put_dossier(self, content: BaseModel | Mapping[str, Any], kind: str) -> str:
        """Keep canonical JSON under its SHA-256; the S3 object follows after commit. Returns the digest."""
        body = canonical(content)
        digest = digest_bytes(body)
        row = {"digest": digest, "kind": kind, "content": body, "created_at": self.system_now, "stored_at": None}
        await self.insert(_DOSSIER, row)
        await self.notify("dossier")
        return digest

    async def notify(self, channel: str) -> None:
        """Wake a sender loop after the commit; only a hint, polling is the truth."""
        if channel not in self.notified:
            self.notified.add(channel)
            if self.gathered is None:
                await self.session.execute(_NOTIFY, {"channels": [channel]})

    async def lock(self, *parts: object) -> None:
        """Hold an advisory lock on the parts until the transaction ends."""
        key = int.from_bytes(bytes.fromhex(digest_bytes(repr(parts).encode()))[:8], "big", signed=True)
        await self.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    async def _send(self, target: str, subject: str, message_id: UUID, payload: Mapping[str, Any]) -> None:
        row = {
            "target": target,
            "subject": subject,
            "message_id": message_id,
            "payload": dict(payload),
            "trace": self.trace,
            "created_at": self.system_now,
            "attempts": 0,
        }
        await self.insert(_OUTBOX, row)
        await self.notify(target)


class Database:
    """A service's own database, and the stack it was born as."""

    def __init__(self, url: str, service: str, *, pool: int = 12) -> None:
        self.service = service
        self.url = url
        address = url.replace("postgresql://", "postgresql+asyncpg://", 1)
        self.engine: AsyncEngine = create_async_engine(address, pool_size=pool, max_overflow=pool)
        # The log is written in order: what commits after an aside, and is safe, has made the aside safe too.
        unhurried = {"server_settings": {"synchronous_commit": "off"}}
        self._beside: AsyncEngine = create_async_engine(
            address, pool_size=2, max_overflow=0, connect_args=unhurried, isolation_level="AUTOCOMMIT"
        )
        for engine in (self.engine, self._beside):
            ask_connections_that_rested(engine)
        self._system = SystemClock()
        self._rehearsal: bool | None = None
        self._heard_offset = 0

    @asynccontextmanager
    async def transaction(
        self, actor: Actor = SYSTEM, *, cause: UUID | None = None, trace: str = "", gather: bool = False
    ) -> AsyncIterator[Tx]:
        """Open a transaction; commits when the block ends well, rolls back otherwise.

        ``gather``: audit, outbox, open work and dossiers are written at the end, together.
        """
        async with Session(self.engine, expire_on_commit=False) as session, session.begin():
            offset = await self._offset(session)
            tx = Tx(
                session=session,
                service=self.service,
                now=business_time(offset),
                system_now=self._system.now(),
                rehearsal=bool(self._rehearsal),
                aside=self.aside,
                actor=actor,
                cause=cause,
                trace=trace,
                gathered={} if gather else None,
            )
            yield tx
            await tx.write_gathered()
            if not actor.is_system:
                reach("action.before_commit")
        if not actor.is_system:
            reach("action.after_commit")

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[AsyncConnection]:
        """A transaction of one statement beside the one that goes on, for what must not be held until its end.

        Its connections are its own, so that who holds one of the others never waits for those who do the same. It
        stays when the other transaction fails, and must ask for nothing that the other one holds.
        """
        async with self._beside.connect() as connection:
            yield connection

    def now(self) -> datetime:
        """Business time as last heard, for the head of a page; a rule takes that of its transaction."""
        return business_time(self._heard_offset)

    async def stack(self) -> Stack | None:
        """What this database was born as, or None before the first migration."""
        async with Session(self.engine) as session:
            return await session.get(Stack, 1)

    async def _offset(self, session: Session) -> int:
        """A real stack has no offset and is not asked again."""
        if self._rehearsal is False:
            return 0
        row = (await session.execute(select(Stack.profile, Stack.offset_seconds).where(Stack.id == 1))).one()  # type: ignore[call-overload]
        self._rehearsal = row.profile == "rehearsal"
        self._heard_offset = int(row.offset_seconds)
        return self._heard_offset

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()
        await self._beside.dispose()
