"""Tables of sheets: drafts, signed, corrected, opened, and what the cases came to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from services.review.tables.base import ReviewTable
from shared.infra.tables import json_column, moment


class Draft(ReviewTable, table=True):
    """An unsigned sheet, encrypted; overwritten by each save, removed when the sheet is signed."""

    __tablename__ = "draft"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    saved_at: datetime = moment()


class Sheet(ReviewTable, table=True):
    """A signed sheet, sealed to the panel's key of that ``generation``; one an expert and case, never changed.

    ``version`` 1 is the sheet itself, higher ones are corrections with their ``reason``, which count once
    countersigned. ``attestation``: the service's statement on it, with its signature.
    """

    __tablename__ = "sheet"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(primary_key=True)
    generation: int = Field(primary_key=True)
    version: int = Field(default=1, primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: str = Field(unique=True)
    attestation: dict[str, Any] = json_column()
    reason: str | None = Field(default=None, sa_column=Column(Text))
    signed_at: datetime = moment()


class Countersignature(ReviewTable, table=True):
    """The office's answer to a correction, of which it saw the digest and the reason, never the sheet."""

    __tablename__ = "countersignature"

    digest: str = Field(primary_key=True)
    stage_id: UUID = Field(index=True)
    account_id: UUID
    accepted: bool
    reason: str | None = Field(default=None, sa_column=Column(Text))
    answered_at: datetime = moment()


class OpenedSheet(ReviewTable, table=True):
    """What a counted sheet says, written in the act that unsealed it."""

    __tablename__ = "opened_sheet"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(primary_key=True)
    digest: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Finding(ReviewTable, table=True):
    """A zero condition or veto raised about a case, with its source; ruled on by the chair, confirmed by the office."""

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("stage_id", "case_id", "rule_id"),)

    finding_id: UUID = Field(primary_key=True)
    stage_id: UUID = Field(index=True)
    case_id: UUID
    kind: str
    rule_id: str
    raised_as: str
    source: str = Field(sa_column=Column(Text, nullable=False))
    found_on: str | None = None
    investigation_id: UUID | None = None
    raised_by: UUID | None = None
    raised_at: datetime = moment()
    state: str
    upheld: bool | None = None
    article: str | None = None
    reason: str | None = Field(default=None, sa_column=Column(Text))
    ruled_by: UUID | None = None
    ruled_at: datetime | None = moment(nullable=True)
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = moment(nullable=True)


class Result(ReviewTable, table=True):
    """What a case came to: the exact mean as a fraction of integers, and its dossier."""

    __tablename__ = "result"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    mean_numerator: str
    mean_denominator: str
    sheets: int
    vetoed: bool
    dossier_digest: str


class TieDecision(ReviewTable, table=True):
    """How the chair ordered events with equal place sums, and why."""

    __tablename__ = "tie_decision"

    stage_id: UUID = Field(primary_key=True)
    ordered: list[str] = json_column()
    reason: str = Field(sa_column=Column(Text, nullable=False))
    decided_at: datetime = moment()
