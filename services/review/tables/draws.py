"""Tables of draws: attempts, parties, pseudonyms, and what the ledger has confirmed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Text
from sqlmodel import Field

from services.review.tables.base import ReviewTable
from shared.infra.tables import json_column, moment


class DrawAttempt(ReviewTable, table=True):
    """A frozen list and where its draw stands (``domain.parties.Phase``), or why the attempt is void."""

    __tablename__ = "draw_attempt"

    stage_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    phase: str
    list_digest: str
    frozen_list: dict[str, Any] = json_column()
    frozen_at: datetime = moment()
    drawn_at: datetime | None = moment(nullable=True)
    voided_at: datetime | None = moment(nullable=True)
    seed: str | None = None
    transcript_digest: str | None = None
    void_reason: str | None = Field(default=None, sa_column=Column(Text))
    silent: list[str] = json_column()


class DrawParty(ReviewTable, table=True):
    """A party of an attempt: its commitment, then its secret, each by one and the same person."""

    __tablename__ = "draw_party"

    stage_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    party: str = Field(primary_key=True)
    place: int
    enterprise_id: UUID | None = None
    commitment: str | None = None
    committed_at: datetime | None = moment(nullable=True)
    committed_by: UUID | None = None
    secret: str | None = None
    revealed_at: datetime | None = moment(nullable=True)


class DrawStandIn(ReviewTable, table=True):
    """Whom the guidance committee named for a party that was silent twice on a panel, and why."""

    __tablename__ = "draw_stand_in"

    stage_id: UUID = Field(primary_key=True)
    party: str = Field(primary_key=True)
    by: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    named_by: UUID | None = None
    named_at: datetime = moment()


class Pseudonym(ReviewTable, table=True):
    """Who a pseudonym of a frozen list is; never leaves this service."""

    __tablename__ = "pseudonym"

    stage_id: UUID = Field(primary_key=True)
    pseudonym: str = Field(primary_key=True)
    expert_id: UUID


class LedgerMark(ReviewTable, table=True):
    """Up to which of this service's audit numbers the ledger has confirmed; one row."""

    __tablename__ = "ledger_mark"

    id: int = Field(default=1, primary_key=True)
    number: int
