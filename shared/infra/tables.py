"""Tables that every service has alike, in the schema ``infra`` of its own database."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

infra_metadata = MetaData(schema="infra")


class InfraTable(SQLModel, registry=registry(metadata=infra_metadata)):
    """Base of the infra tables; a registry of its own keeps names apart from the service's."""

    metadata = infra_metadata


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    """A ``timestamptz`` column."""
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, index=index))


def json_column(*, nullable: bool = False) -> Any:
    """A ``jsonb`` column."""
    return Field(default=None, sa_column=Column(JSONB, nullable=nullable))


def table_of(model: type[SQLModel]) -> Table:
    """The table under a model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]


class Stack(InfraTable, table=True):
    """What this database was born as; exactly one row."""

    __tablename__ = "stack"

    id: int = Field(default=1, primary_key=True)
    profile: str
    born_at: datetime = moment()
    offset_seconds: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    moved_at: datetime | None = moment(nullable=True)


class Outbox(InfraTable, table=True):
    """What must leave the service: facts for NATS, commands for Temporal."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_unsent", "target", "id", postgresql_where=text("sent_at IS NULL")),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    target: str
    subject: str
    message_id: UUID
    payload: dict[str, Any] = json_column()
    trace: str = ""
    created_at: datetime = moment()
    sent_at: datetime | None = moment(nullable=True)
    attempts: int = 0
    last_error: str | None = Field(default=None, sa_column=Column(Text))


class Inbox(InfraTable, table=True):
    """Facts whose effect is done, by consumer; written in the effect's own transaction."""

    __tablename__ = "inbox"

    consumer: str = Field(primary_key=True)
    fact_id: UUID = Field(primary_key=True)
    received_at: datetime = moment()


class Audit(InfraTable, table=True):
    """Who did what when to what. Insert-only; numbered and chained after commit by the sequencer."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_unnumbered", "id", postgresql_where=text("number IS NULL")),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    occurred_at: datetime = moment()
    recorded_at: datetime = moment()
    actor_id: UUID | None = None
    action: str = Field(index=True)
    cycle_id: UUID | None = None
    category_id: UUID | None = Field(default=None, index=True)
    case_id: UUID | None = Field(default=None, index=True)
    stage_id: UUID | None = None
    details: dict[str, Any] = json_column()
    salt: str
    public: str | None = None
    trace: str = ""
    number: int | None = Field(default=None, sa_column=Column(BigInteger, unique=True))
    chain: str | None = None


class Idempotency(InfraTable, table=True):
    """The first answer to a writing request, by actor and key."""

    __tablename__ = "idempotency"

    actor_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    act: str
    request_digest: str
    answer: Any = json_column(nullable=True)
    created_at: datetime = moment()


class ImportFile(InfraTable, table=True):
    """A workbook that was handed in for import: once a kind, place and digest; ``committed_at`` when taken over.

    ``place``: the stage it is for, or all zeros.
    """

    __tablename__ = "import_file"
    __table_args__ = (Index("import_once", "kind", "place", "digest", unique=True),)

    import_id: UUID = Field(primary_key=True)
    kind: str
    place: UUID
    digest: str
    name: str
    content: bytes
    uploaded_at: datetime = moment()
    uploaded_by: UUID | None = None
    committed_at: datetime | None = moment(nullable=True)
    committed_by: UUID | None = None
    rows: int = 0


class DeadLetter(InfraTable, table=True):
    """A message that could not be taken in after all tries, kept whole, with a way to resend."""

    __tablename__ = "dead_letter"

    id: UUID = Field(primary_key=True)
    consumer: str
    subject: str
    message_id: str | None = None
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    error: str = Field(sa_column=Column(Text, nullable=False))
    deliveries: int
    set_aside_at: datetime = moment()
    resent_at: datetime | None = moment(nullable=True)


class Dossier(InfraTable, table=True):
    """Canonical JSON under its digest; the S3 object follows after commit."""

    __tablename__ = "dossier"
    __table_args__ = (Index("dossier_unstored", "digest", postgresql_where=text("stored_at IS NULL")),)

    digest: str = Field(primary_key=True)
    kind: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = moment()
    stored_at: datetime | None = moment(nullable=True)


class OpenWork(InfraTable, table=True):
    """Every workflow that must be running, with what starts it again and when it should look next."""

    __tablename__ = "open_work"

    workflow_id: str = Field(primary_key=True)
    workflow: str
    queue: str
    ref: dict[str, Any] = json_column()
    due_at: datetime | None = moment(nullable=True, index=True)
    nudged_for: datetime | None = moment(nullable=True)


class Stage(InfraTable, table=True):
    """The stage row: the only thing a stage is judged by. Lives with the stage's owner."""

    __tablename__ = "stage"

    stage_id: UUID = Field(primary_key=True)
    kind: str
    cycle_id: UUID = Field(index=True)
    category_id: UUID = Field(index=True)
    category_key: str
    rulebook_id: str
    rulebook_digest: str
    supplement: int = 0
    state: str
    opens_at: datetime = moment()
    closes_at: datetime | None = moment(nullable=True)
    term: dict[str, Any] | None = json_column(nullable=True)
    paused_on: str | None = None
    manifest_in: UUID | None = None
    manifest_in_digest: str | None = None
    manifest_in_source: str | None = None
    manifest_out: UUID | None = None
    manifest_out_digest: str | None = None
    closed_at: datetime | None = moment(nullable=True)
    waits_for: str | None = None
    stuck: str | None = None
    version: int = 1


class ManifestRow(InfraTable, table=True):
    """A manifest this service froze or received; its content is the dossier under ``digest``."""

    __tablename__ = "manifest"

    manifest_id: UUID = Field(primary_key=True)
    digest: str
    source: str
    stage_id: UUID = Field(index=True)
    category_id: UUID = Field(index=True)
    cases: int
    frozen_at: datetime = moment()


class Amendment(InfraTable, table=True):
    """What happened to a case after its manifest froze."""

    __tablename__ = "amendment"

    fact_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    category_id: UUID = Field(index=True)
    number: str
    kind: str
    dossier_digest: str | None = None
    occurred_at: datetime = moment()


class Standing(InfraTable, table=True):
    """The owner's answer at a gate, as this service bound itself to it."""

    __tablename__ = "standing"

    manifest_id: UUID = Field(primary_key=True)
    gate: str = Field(primary_key=True)
    fallen: list[str] = json_column()
    digest: str
    answered_at: datetime = moment()


class Person(InfraTable, table=True):
    """Accounts that may no longer act, as far as this service has heard."""

    __tablename__ = "person"

    account_id: UUID = Field(primary_key=True)
    revoked_at: datetime = moment()


class UsedTicket(InfraTable, table=True):
    """Two-person tickets that were used here; each works once."""

    __tablename__ = "used_ticket"

    ticket_id: UUID = Field(primary_key=True)
    act: str
    digest: str
    asked_by: UUID
    confirmed_by: UUID
    used_at: datetime = moment()


class CalendarNotice(InfraTable, table=True):
    """Working-calendar years imported after the shipped ones."""

    __tablename__ = "calendar_notice"

    year: int = Field(primary_key=True)
    digest: str
    content: str = Field(sa_column=Column(Text, nullable=False))
    imported_at: datetime = moment()


class Witness(InfraTable, table=True):
    """The newest signed checkpoint of the ledger this service has heard of; one row."""

    __tablename__ = "witness"

    id: int = Field(default=1, primary_key=True)
    checkpoint: str = Field(sa_column=Column(Text, nullable=False))
    heard_at: datetime = moment()
