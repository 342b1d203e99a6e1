"""Tables of ranking: read copies of cases, results, ranks, meetings, decisions, consultations, final lists, seats."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, Text, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel

from shared.contracts.subjects import CaseSubject
from shared.infra.tables import json_column, moment

metadata = MetaData()


class RankingTable(SQLModel, registry=registry(metadata=metadata)):
    """Base of ranking's tables."""

    metadata = metadata


def words(*, nullable: bool = False) -> Any:
    """A ``text`` column."""
    return Field(default=None, sa_column=Column(Text, nullable=nullable))


class StageProgress(RankingTable, table=True):
    """How far a stage of ours has come; the stage row itself holds its state and term."""

    __tablename__ = "stage_progress"

    stage_id: UUID = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    received_at: datetime | None = moment(nullable=True)
    cases: int = 0
    input_digest: str | None = None
    ranked_at: datetime | None = moment(nullable=True)
    reason: str | None = words(nullable=True)
    completed_at: datetime | None = moment(nullable=True)
    completed_digest: str | None = None
    reminded_at: datetime | None = moment(nullable=True)
    closed_early_at: datetime | None = moment(nullable=True)
    tallied_at: datetime | None = moment(nullable=True)
    frozen_manifest: UUID | None = None
    frozen_digest: str | None = None
    frozen_cases: int = 0
    frozen_dossiers: list[str] | None = json_column(nullable=True)


class CaseCopy(RankingTable, table=True):
    """A case of a stage as its manifest handed it over; never changes but for ``struck``.

    ``dossier`` is the handed-over content (of ``source``, under ``dossier_digest``), ``application`` the filing behind
    it where a stage needs it. ``struck``: withdrawn, disqualified or fallen at a gate.
    """

    __tablename__ = "case_copy"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    number: str
    variant: str | None = None
    subject: dict[str, Any] = json_column()
    source: str
    dossier_digest: str
    dossier: dict[str, Any] = json_column()
    application_digest: str | None = None
    application: dict[str, Any] | None = json_column(nullable=True)
    struck: str | None = None

    @property
    def name(self) -> str:
        """Whom or what the case is about, with the organisation behind it."""
        return CaseSubject.model_validate(self.subject).full_name


class EvaluationResult(RankingTable, table=True):
    """The result of a case by rule: total as exact decimal text, and the whole result with its explanations."""

    __tablename__ = "evaluation_result"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    total: str
    open_items: list[str] = json_column()
    result: dict[str, Any] = json_column()
    scored_at: datetime = moment()


class ItemDecision(RankingTable, table=True):
    """Points given by hand: ``override`` of an item that cannot be computed, ``judgement`` of a judged one."""

    __tablename__ = "item_decision"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    item: str = Field(primary_key=True)
    kind: str
    points: str
    reason: str = words()
    decided_by: UUID | None = None
    decided_at: datetime = moment()


class RankedEntry(RankingTable, table=True):
    """A case in a ranking, with the exact inputs of its rank; vetoed and struck ones have none."""

    __tablename__ = "ranked_entry"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    number: str
    subject: dict[str, Any] = json_column()
    division: str | None = None
    numerator: str
    denominator: str
    tie_values: list[str | None] = json_column()
    previous_digest: str
    vetoed: bool = False
    struck: str | None = None
    rank: int | None = None
    place: int | None = None
    tied: bool = False

    @property
    def name(self) -> str:
        """Whom or what the case is about, with the organisation behind it."""
        return CaseSubject.model_validate(self.subject).full_name


class StabilityRow(RankingTable, table=True):
    """How firmly a ranking stands. ``of``: digest of the cases that stood when it was computed."""

    __tablename__ = "stability"

    stage_id: UUID = Field(primary_key=True)
    of: str
    content: dict[str, Any] = json_column()
    computed_at: datetime = moment()


class Member(RankingTable, table=True):
    """The place of an account in the guidance committee: a seat's label (no name) and the role it was taken in."""

    __tablename__ = "member"

    account_id: UUID = Field(primary_key=True)
    seat: str = Field(unique=True)
    role: str
    taken_at: datetime = moment()


class Recusal(RankingTable, table=True):
    """A seat of the committee stands aside from a case; whoever has that seat meets no trace of it."""

    __tablename__ = "recusal"

    case_id: UUID = Field(primary_key=True)
    seat: str = Field(primary_key=True, index=True)
    category_id: UUID = Field(index=True)
    reason: str = words()
    recorded_by: UUID | None = None
    recorded_at: datetime = moment()


class Meeting(RankingTable, table=True):
    """The meeting of a decision: seats present, no names."""

    __tablename__ = "meeting"

    stage_id: UUID = Field(primary_key=True)
    held_on: date
    place: str
    attendance: list[dict[str, Any]] = json_column()
    recorded_by: UUID | None = None
    recorded_at: datetime = moment()


class Decision(RankingTable, table=True):
    """What was decided of a case in a stage: once."""

    __tablename__ = "decision"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    outcome: str
    reason: str | None = words(nullable=True)
    decided_by: UUID | None = None
    decided_at: datetime = moment()


class Confirmation(RankingTable, table=True):
    """A person's confirmation of exactly what the digest stands for: ``lines`` are the digests of the entries seen."""

    __tablename__ = "confirmation"

    stage_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    digest: str
    role: str
    lines: dict[str, str] = json_column()
    confirmed_at: datetime = moment()


class MinuteRow(RankingTable, table=True):
    """The minute of a decision (of a stage, or of a seat's refill): its record's digest and its PDF in S3."""

    __tablename__ = "minute"

    minute_of: UUID = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    supplement: int = 0
    digest: str
    content: dict[str, Any] = json_column()
    pdf_key: str | None = None
    pdf_sha256: str | None = None
    pdf_size: int | None = None


class Letter(RankingTable, table=True):
    """A consultation letter to a department."""

    __tablename__ = "letter"

    stage_id: UUID = Field(primary_key=True)
    department_id: UUID = Field(primary_key=True)
    department: str
    sent_at: datetime = moment()


class Reply(RankingTable, table=True):
    """A department's answer about a case: ``no_objection``, ``concern``, or ``silence`` once the term is over."""

    __tablename__ = "reply"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    department_id: UUID = Field(primary_key=True)
    reply: str
    text: str | None = words(nullable=True)
    file_sha256: str | None = None
    replied_by: UUID | None = None
    replied_at: datetime = moment()


class ConcernFile(RankingTable, table=True):
    """A file that a department gives with a concern; it lies in S3 under its SHA-256. ``octets``: its size.

    ``scan``: ``clean``; ``none`` where no scanner is set; ``held`` while it waits for one; ``refused`` after it.
    """

    __tablename__ = "concern_file"

    stage_id: UUID = Field(primary_key=True)
    department_id: UUID = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    key: str
    media_type: str
    octets: int
    scan: str = "none"
    scanned_by: str | None = None
    given_by: UUID | None = None
    given_at: datetime = moment()


class ConcernRuling(RankingTable, table=True):
    """What the committee decided of a case about which a department raised a concern: proposed by one of its members,
    in force when a second one confirms."""

    __tablename__ = "concern_ruling"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    ruling: str
    reason: str = words()
    proposed_by: UUID | None = None
    proposed_at: datetime = moment()
    ruled_by: UUID | None = None
    ruled_at: datetime | None = moment(nullable=True)


class ListEntry(RankingTable, table=True):
    """A line of a shortlist or of a final list, with the dossier it is handed over as."""

    __tablename__ = "list_entry"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    supplement: int = 0
    final: bool = False
    position: int
    number: str
    subject: dict[str, Any] = json_column()
    outcome: str
    dossier_digest: str
    dossier: dict[str, Any] = json_column()
    struck: str | None = None


class Seat(RankingTable, table=True):
    """A seat of a list that fell empty, and how it was filled: proposed by one co-chair, confirmed by the other."""

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("category_id", "vacated_by", name="seat_once_a_case"),
        UniqueConstraint("category_id", "supplement", name="seat_once_a_supplement"),
    )

    seat_id: UUID = Field(primary_key=True)
    cycle_id: UUID
    category_id: UUID = Field(index=True)
    vacated_by: UUID
    cause: str
    opened_at: datetime = moment()
    state: str
    supplement: int | None = None
    proposed_case: UUID | None = None
    proposed_reason: str | None = words(nullable=True)
    proposed_by: UUID | None = None
    proposed_at: datetime | None = moment(nullable=True)
    filled_by: UUID | None = None
    filled_at: datetime | None = moment(nullable=True)
    manifest_id: UUID | None = None
    manifest_digest: str | None = None
