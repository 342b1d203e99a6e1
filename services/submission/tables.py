"""Tables of submission: enterprises, cases with their evidence, screening and what was answered at gates."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel

from shared.infra.tables import json_column, moment

metadata = MetaData()


class SubmissionTable(SQLModel, registry=registry(metadata=metadata)):
    """Base of submission's own tables."""

    metadata = metadata


def long_text() -> Any:
    """A ``text`` column."""
    return Field(default="", sa_column=Column(Text, nullable=False))


class Enterprise(SubmissionTable, table=True):
    """An enterprise with the public attributes that a list may show."""

    __tablename__ = "enterprise"

    enterprise_id: UUID = Field(primary_key=True)
    credit_code: str = Field(unique=True)
    name: str
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None
    registered_at: datetime = moment()


class Cycle(SubmissionTable, table=True):
    """Read copy: a cycle as office opened it; its award year is in the case numbers."""

    __tablename__ = "cycle"

    cycle_id: UUID = Field(primary_key=True)
    rulebook_id: str
    rulebook_digest: str
    year: int


class StageCopy(SubmissionTable, table=True):
    """Read copy: every stage of a category, whoever owns it, for 'where is my case'; ``supplement``: 0, or which of the
    seats that were filled later it is about."""

    __tablename__ = "stage_copy"

    stage_id: UUID = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    source: str
    kind: str
    state: str
    opens_at: datetime | None = moment(nullable=True)
    closes_at: datetime | None = moment(nullable=True)
    provisional: bool = False
    version: int = 0
    supplement: int = 0


class FilledSeat(SubmissionTable, table=True):
    """Read copy: a case that fills a seat, with a consultation and a notice of its own; told to nobody before that
    notice is public."""

    __tablename__ = "filled_seat"

    case_id: UUID = Field(primary_key=True)
    category_id: UUID
    supplement: int


class Case(SubmissionTable, table=True):
    """One subject in one category, from an application, an intake or a nomination.

    ``entered`` holds the figures as JSON (numbers as decimal strings), ``unsound`` what was typed and is no figure;
    ``receipt_*`` never change after acceptance, ``dossier_digest`` is the newest dossier; ``manifest_id`` names the
    manifest that handed the case over.
    For the desk: who works on it (``assignee``), since when it waits for the office, how many inconsistencies were
    open when it was last handed in or waived. ``paper``: filed on paper on ``paper_on`` and entered by the office;
    ``entered_by``: who did that, or nominated it.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("case_once", "category_id", "subject_key", unique=True, postgresql_where=text("state <> 'withdrawn'")),
        Index("case_number", "cycle_id", "number", unique=True),
        Index("case_receipt", "receipt_digest"),
    )

    case_id: UUID = Field(primary_key=True)
    cycle_id: UUID
    category_id: UUID = Field(index=True)
    category_key: str
    rulebook_id: str
    rulebook_digest: str
    stage_id: UUID = Field(index=True)
    origin: str
    subject_id: UUID = Field(index=True)
    subject_key: str
    subject: dict[str, Any] = json_column()
    title: str | None = None
    variant: str | None = None
    state: str
    version: int = 1
    number: str | None = None
    entered: dict[str, Any] = json_column()
    unsound: dict[str, list[str]] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    statement_version: str | None = None
    opened_at: datetime = moment()
    accepted_at: datetime | None = moment(nullable=True)
    receipt_digest: str | None = None
    receipt_checkpoint: str | None = Field(default=None, sa_column=Column(Text))
    dossier_digest: str | None = None
    manifest_id: UUID | None = None
    reinstated_at: datetime | None = moment(nullable=True)
    official: dict[str, Any] | None = json_column(nullable=True)
    assignee: UUID | None = Field(default=None, index=True)
    waiting_since: datetime | None = moment(nullable=True)
    open_findings: int = 0
    paper: bool = False
    paper_on: str | None = None
    entered_by: UUID | None = None


class FieldMark(SubmissionTable, table=True):
    """Who last changed a field of a form, when, and at which version of the case."""

    __tablename__ = "field_mark"

    case_id: UUID = Field(primary_key=True)
    field: str = Field(primary_key=True)
    version: int
    changed_at: datetime = moment()
    changed_by: UUID | None = None


class CaseCounter(SubmissionTable, table=True):
    """The last number given in a category."""

    __tablename__ = "case_counter"

    category_id: UUID = Field(primary_key=True)
    last: int


class Evidence(SubmissionTable, table=True):
    """A file: announced (``waiting``), ``held`` until it is scanned, ``kept`` in the locked bucket, ``refused`` with
    its reason, ``replaced`` by its next edition, or ``removed``.

    ``upload_id``: the upload in parts that is going on; ``scan``: ``clean``, or ``none`` where no scanner is set.
    """

    __tablename__ = "evidence"

    evidence_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    name: str
    kind: str
    media_type: str
    size: int
    state: str
    announced_at: datetime = moment()
    finalised_at: datetime | None = moment(nullable=True)
    sha256: str | None = None
    version_id: str | None = None
    refusal_code: str | None = None
    refusal: str | None = None
    upload_id: str | None = None
    edition: int = 1
    replaces: UUID | None = None
    pages: int | None = None
    scan: str | None = None
    scanned_by: str | None = None


class EvidenceBinding(SubmissionTable, table=True):
    """A claimed figure and the file (and page) that shows it."""

    __tablename__ = "evidence_binding"

    evidence_id: UUID = Field(primary_key=True)
    figure: str = Field(primary_key=True)
    page: int | None = None


class Target(SubmissionTable, table=True):
    """What the office recorded for an enterprise before it files: targets from the approved plan; later locked."""

    __tablename__ = "target"

    category_id: UUID = Field(primary_key=True)
    enterprise_id: UUID = Field(primary_key=True)
    entered: dict[str, Any] = json_column()
    official: dict[str, Any] | None = json_column(nullable=True)
    source: str = ""
    recorded_at: datetime = moment()


class TargetLock(SubmissionTable, table=True):
    """Two persons locked all targets of a category; from then on they are part of the filings."""

    __tablename__ = "target_lock"

    category_id: UUID = Field(primary_key=True)
    digest: str
    ticket_id: UUID
    locked_at: datetime = moment()


class Investigation(SubmissionTable, table=True):
    """A finding of office or departments about a case; it may raise a veto or a zero condition.

    Append-only: a correction is a new row that ``replaces`` an earlier one. ``file`` tells of a file kept with it
    (name, size, sha256, version_id, file_id); ``request_id`` names the question that a department answers.
    """

    __tablename__ = "investigation"
    __table_args__ = (Index("investigation_replaced_once", "replaces", unique=True),)

    investigation_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    kind: str
    item: str | None = None
    source: str
    found_on: str
    finding: str = long_text()
    raises_veto: str | None = None
    raises_zero_condition: str | None = None
    recorded_at: datetime = moment()
    recorded_by: UUID | None = None
    replaces: UUID | None = None
    request_id: UUID | None = None
    file: dict[str, Any] | None = json_column(nullable=True)


class InvestigationRequest(SubmissionTable, table=True):
    """What a department is asked about a case, and about which item; answered by a finding."""

    __tablename__ = "investigation_request"

    request_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    department_id: UUID = Field(index=True)
    department: str
    item: str | None = None
    question: str = long_text()
    asked_at: datetime = moment()
    asked_by: UUID | None = None
    answered_at: datetime | None = moment(nullable=True)


class ChecklistTick(SubmissionTable, table=True):
    """A point of the rulebook's checklist that somebody looked at; gone when the filing is handed in anew."""

    __tablename__ = "checklist_tick"

    case_id: UUID = Field(primary_key=True)
    point: str = Field(primary_key=True)
    ticked_at: datetime = moment()
    ticked_by: UUID | None = None


class Presence(SubmissionTable, table=True):
    """Who has a case open, and when that was last seen (system time): a light lease, never a lock."""

    __tablename__ = "presence"

    case_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    seen_at: datetime = moment()


class Colleague(SubmissionTable, table=True):
    """Read copy: somebody of the office, as office names them; ``active``: may be given work. The list comes whole."""

    __tablename__ = "colleague"

    account_id: UUID = Field(primary_key=True)
    name: str
    active: bool
    listed_at: datetime = moment()


class Waiver(SubmissionTable, table=True):
    """An inconsistency that may stand, and why; bound to its digest, so that changed figures are looked at again."""

    __tablename__ = "waiver"

    case_id: UUID = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    check: str
    indicator: str | None = None
    reason: str = long_text()
    waived_at: datetime = moment()
    waived_by: UUID | None = None


class Rectification(SubmissionTable, table=True):
    """A term to put named items right: ``open``, then ``fulfilled``, ``lapsed`` or ``void``; one a case and stage."""

    __tablename__ = "rectification"
    __table_args__ = (Index("rectification_once", "case_id", "stage_id", unique=True),)

    rectification_id: UUID = Field(primary_key=True)
    case_id: UUID
    stage_id: UUID
    state: str
    article: str
    reason: str = long_text()
    items: list[dict[str, str]] = json_column()
    term: dict[str, Any] = json_column()
    closes_at: datetime = moment()
    remind_at: datetime = moment()
    reminded_at: datetime | None = moment(nullable=True)
    paused_on: str | None = None
    asked_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class Decision(SubmissionTable, table=True):
    """The one decision of a stage on a case: passed, rejected, lapsed, selected or not."""

    __tablename__ = "decision"
    __table_args__ = (Index("decision_once", "case_id", "stage_id", unique=True),)

    decision_id: UUID = Field(primary_key=True)
    case_id: UUID
    stage_id: UUID
    outcome: str
    article: str
    reason: str = long_text()
    decided_at: datetime = moment()
    decided_by: UUID | None = None


class Departure(SubmissionTable, table=True):
    """How a case left: disqualified by two persons, withdrawn by its applicant, or ended with its category."""

    __tablename__ = "departure"

    case_id: UUID = Field(primary_key=True)
    kind: str
    article: str | None = None
    reason: str = long_text()
    after_manifest: bool
    ticket_id: UUID | None = None
    left_at: datetime = moment()
    left_by: UUID | None = None


class Message(SubmissionTable, table=True):
    """A notice to an enterprise as the portal shows it; office keeps the notice itself."""

    __tablename__ = "message"
    __table_args__ = (Index("message_inbox", "recipient_id", "sent_at"), Index("message_of_case", "case_id"))

    notice_id: UUID = Field(primary_key=True)
    recipient_id: UUID
    case_id: UUID
    template: str
    until: datetime | None = moment(nullable=True)
    sent_at: datetime = moment()
    read_at: datetime | None = moment(nullable=True)
    read_by: UUID | None = None


class Closing(SubmissionTable, table=True):
    """The office's act to end a stage that ends by act; the workflow then freezes the manifest."""

    __tablename__ = "closing"

    stage_id: UUID = Field(primary_key=True)
    asked_at: datetime = moment()
    asked_by: UUID | None = None
    prepared_at: datetime | None = moment(nullable=True)
    manifest_id: UUID | None = None
    manifest_digest: str | None = None
    cases: int = 0


class Reminder(SubmissionTable, table=True):
    """A reminder that went out, once a stage."""

    __tablename__ = "reminder"

    stage_id: UUID = Field(primary_key=True)
    sent_at: datetime = moment()


class StandingAnswered(SubmissionTable, table=True):
    """What this service answered at a gate: once a manifest and gate."""

    __tablename__ = "standing_answered"

    manifest_id: UUID = Field(primary_key=True)
    gate: str = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    fallen: list[str] = json_column()
    digest: str
    answered_at: datetime = moment()
