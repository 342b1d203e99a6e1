"""Tables of cycles. Stage rows here are a plan and a read copy; only the owner's row is judged by."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field

from services.office.metadata import OfficeTable
from shared.infra.tables import json_column, moment


class Cycle(OfficeTable, table=True):
    """One run of a rulebook version in a year."""

    __tablename__ = "cycle"
    __table_args__ = (UniqueConstraint("rulebook_id", "year", "title"),)

    cycle_id: UUID = Field(primary_key=True)
    rulebook_id: str
    rulebook_digest: str
    year: int
    title: str
    state: str
    unconfirmed: int
    accept_unconfirmed_reason: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    opened_by: UUID
    opened_at: datetime = moment()
    release_at: datetime | None = moment(nullable=True)
    released_at: datetime | None = moment(nullable=True)
    stuck: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class CategoryRow(OfficeTable, table=True):
    """One list of a cycle."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("cycle_id", "key"),)

    category_id: UUID = Field(primary_key=True)
    cycle_id: UUID = Field(foreign_key="cycle.cycle_id")
    key: str
    name: str
    position: int
    state: str
    entries: int | None = None
    released_at: datetime | None = moment(nullable=True)


class Track(OfficeTable, table=True):
    """A run of stages: supplement 0 is the main one, others belong to a refilled seat."""

    __tablename__ = "track"

    category_id: UUID = Field(primary_key=True, foreign_key="category.category_id")
    supplement: int = Field(primary_key=True)
    state: str
    manifest_id: UUID | None = None
    manifest_digest: str | None = None
    manifest_source: str | None = None
    stuck: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class StagePlan(OfficeTable, table=True):
    """A planned stage and what its owner has said of it; ``version`` is the owner's."""

    __tablename__ = "stage_plan"
    __table_args__ = (UniqueConstraint("category_id", "supplement", "position"),)

    stage_id: UUID = Field(primary_key=True)
    cycle_id: UUID = Field(foreign_key="cycle.cycle_id", index=True)
    category_id: UUID = Field(foreign_key="category.category_id")
    supplement: int
    position: int
    kind: str
    title: str
    article: str
    owner: str
    state: str
    version: int = 0
    started_at: datetime | None = moment(nullable=True)
    opens_at: datetime | None = moment(nullable=True)
    closes_at: datetime | None = moment(nullable=True)
    counted_days: list[Any] = json_column()
    term: dict[str, Any] | None = json_column(nullable=True)
    paused_on: str | None = None
    provisional: bool = False
    waits_for: str | None = None
    stuck: bool = False
    closed_at: datetime | None = moment(nullable=True)
    counted_from: datetime | None = moment(nullable=True)
    manifest_id: UUID | None = None
    manifest_digest: str | None = None
    manifest_source: str | None = None
    cases: int | None = None


class ChangeRequest(OfficeTable, table=True):
    """What was asked of a stage's owner; shown as 'requested' until the owner answers."""

    __tablename__ = "change_request"

    request_id: UUID = Field(primary_key=True)
    stage_id: UUID = Field(foreign_key="stage_plan.stage_id", index=True)
    change: str
    days: int | None = None
    reason: str = Field(sa_column=Column(Text, nullable=False))
    state: str
    refused: str | None = None
    asked_by: UUID
    asked_at: datetime = moment()
    answered_at: datetime | None = moment(nullable=True)
