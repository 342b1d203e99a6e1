"""Tables of panels: cases handed over, members, undertakings, recusals, meetings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field

from services.review.tables.base import ReviewTable
from shared.infra.tables import json_column, moment


class Panel(ReviewTable, table=True):
    """The panel of a stage; the stage row itself lies in ``infra``. ``settled_*`` is the manifest handed on.

    ``custodians``: the accounts named to hold the key's shares; None: one a role, as registered last.
    """

    __tablename__ = "panel"

    stage_id: UUID = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    state: str
    attempt: int = 0
    drawn_at: datetime | None = moment(nullable=True)
    sealed_at: datetime | None = moment(nullable=True)
    unsealed_at: datetime | None = moment(nullable=True)
    settled_manifest: UUID | None = None
    settled_digest: str | None = None
    settled_cases: int = 0
    custodians: list[str] | None = json_column(nullable=True)


class CaseCopy(ReviewTable, table=True):
    """A case as it was handed over, with its dossier. ``standing``: standing, dropped (before draw), struck."""

    __tablename__ = "case_copy"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True, index=True)
    number: str
    neutral_number: str
    credit_code: str | None = None
    dossier_digest: str
    dossier: dict[str, Any] = json_column()
    standing: str = "standing"


class PanelMember(ReviewTable, table=True):
    """A member or alternate of a panel; ``label`` is the neutral name shown with sheets.

    ``scores``: fills in sheets; drawn ones do, appointed ones where the rulebook of the panel says so.
    """

    __tablename__ = "panel_member"

    stage_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(primary_key=True, index=True)
    pseudonym: str
    label: str
    kind: str
    pool: str
    attempt: int
    place: int
    state: str
    called_at: datetime | None = moment(nullable=True)
    scores: bool = True


class Undertaking(ReviewTable, table=True):
    """An expert's answer to the call: the text's version, accepted or refused, when."""

    __tablename__ = "undertaking"

    stage_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(primary_key=True)
    text_version: str
    text_digest: str
    accepted: bool
    reason: str | None = Field(default=None, sa_column=Column(Text))
    answered_at: datetime = moment()


class Recusal(ReviewTable, table=True):
    """Who stepped aside from a panel and why; ``case_id`` is the case that was the cause, if it was one."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("stage_id", "expert_id", "case_id", postgresql_nulls_not_distinct=True),)

    recusal_id: UUID = Field(primary_key=True)
    stage_id: UUID = Field(index=True)
    expert_id: UUID
    case_id: UUID | None = None
    reason: str = Field(sa_column=Column(Text, nullable=False))
    recorded_at: datetime = moment()


class Meeting(ReviewTable, table=True):
    """The review meeting of a panel as recorded last: when, where, who came and who took part remotely."""

    __tablename__ = "meeting"

    stage_id: UUID = Field(primary_key=True)
    held_on: str
    place: str
    present: list[str] = json_column()
    remote: list[str] = json_column()
    recorded_by: UUID | None
    recorded_at: datetime = moment()
