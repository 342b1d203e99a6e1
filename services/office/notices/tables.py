"""The table of notices."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Identity, Integer
from sqlmodel import Field

from services.office.metadata import OfficeTable
from shared.infra.tables import moment


class Notice(OfficeTable, table=True):
    """A notice to one addressee: an id they act for, or a role."""

    __tablename__ = "notice"

    notice_id: UUID = Field(primary_key=True)
    serial: int | None = Field(default=None, sa_column=Column(Integer, Identity(), unique=True, nullable=False))
    source: str
    recipient_kind: str
    recipient_id: UUID | None = Field(default=None, index=True)
    recipient_role: str | None = Field(default=None, index=True)
    template: str
    cycle_id: UUID | None = None
    category_id: UUID | None = None
    case_id: UUID | None = None
    case_number: str | None = None
    stage_title: str | None = None
    until: datetime | None = moment(nullable=True)
    link: str
    issued_at: datetime = moment()
    checkpoint: str | None = None
    read_at: datetime | None = moment(nullable=True)
    read_by: UUID | None = None
