"""Tables of the ledger; insert-only but for the heads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Text, UniqueConstraint
from sqlmodel import Field

from services.office.metadata import OfficeTable
from shared.infra.tables import json_column, moment


class LedgerEntry(OfficeTable, table=True):
    """One audit entry of one source: no free text, no personal data."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("source", "number"),)

    index: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    source: str
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    type: str
    digest: str
    source_chain: str
    occurred_at: datetime = moment()
    category_id: UUID | None = None
    public: str | None = Field(default=None, index=True)
    chain: str


class LedgerHead(OfficeTable, table=True):
    """Size and head of the whole ledger (source empty) and of each source in it."""

    __tablename__ = "ledger_head"

    source: str = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    chain: str


class LedgerWaiting(OfficeTable, table=True):
    """A run that came before the ones it follows on: a gap as long as it stands here."""

    __tablename__ = "ledger_waiting"

    source: str = Field(primary_key=True)
    first: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    entries: list[Any] = json_column()
    since: datetime = moment()


class Checkpoint(OfficeTable, table=True):
    """A signed statement of the ledger's size and head."""

    __tablename__ = "checkpoint"

    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    head: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    signed_at: datetime = moment()
