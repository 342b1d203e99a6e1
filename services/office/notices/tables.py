"""Notices, and the letters by which their addressees are told of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Identity, Index, Integer, Text, UniqueConstraint, text
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


class Delivery(OfficeTable, table=True):
    """A letter about a notice to one account; one a channel. Instants are system time.

    The address is not copied: it is looked up when the letter goes out, unless somebody gave this letter an ``address``
    of its own. ``reason`` says why it did not go out yet, or never, or why it came back; ``answer`` is what the other
    side said when it took the letter.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("notice_id", "account_id", "channel"),
        Index("ix_delivery_waiting", "next_try_at", postgresql_where=text("state = 'waiting'")),
    )

    delivery_id: UUID = Field(primary_key=True)
    notice_id: UUID = Field(foreign_key="notice.notice_id")
    account_id: UUID = Field(foreign_key="account.account_id")
    channel: str
    state: str
    held: bool = False
    attempts: int = 0
    made_at: datetime = moment()
    next_try_at: datetime = moment()
    state_at: datetime = moment()
    reason: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    answer: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    address: str | None = None


class OutboxHold(OfficeTable, table=True):
    """While its row exists, no letter goes out."""

    __tablename__ = "outbox_hold"

    id: int = Field(default=1, primary_key=True)
    held_by: UUID = Field(foreign_key="account.account_id")
    held_at: datetime = moment()
    reason: str = Field(sa_column=Column(Text, nullable=False))
