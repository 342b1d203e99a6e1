"""Tables of keys: custodians', panels', their shares."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, Text, text
from sqlmodel import Field

from services.review.tables.base import ReviewTable
from shared.infra.tables import moment


class CustodyKey(ReviewTable, table=True):
    """A custodian's key pair, the private half sealed under a passphrase; ``replaced_at``: a newer one took over."""

    __tablename__ = "custody_key"
    __table_args__ = (
        Index("one_custody_key_an_account", "account_id", unique=True, postgresql_where=text("replaced_at IS NULL")),
    )

    key_id: UUID = Field(primary_key=True)
    account_id: UUID
    role: str
    name: str
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_at: datetime = moment()
    replaced_at: datetime | None = moment(nullable=True)


class PanelKey(ReviewTable, table=True):
    """A panel's public key; a next ``generation`` replaces a broken one.

    ``digest``: of its statement; ``broken_at``: when two of its shares were lost, so that it opens no more.
    """

    __tablename__ = "panel_key"

    stage_id: UUID = Field(primary_key=True)
    generation: int = Field(primary_key=True)
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: str
    formed_at: datetime = moment()
    broken_at: datetime | None = moment(nullable=True)


class KeyShare(ReviewTable, table=True):
    """A share of a panel's private key, sealed to its custodian's key."""

    __tablename__ = "key_share"

    stage_id: UUID = Field(primary_key=True)
    generation: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    key_id: UUID
    account_id: UUID
    role: str
    name: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: str
    lost_at: datetime | None = moment(nullable=True)
    lost_reason: str | None = Field(default=None, sa_column=Column(Text))


class OpenedShare(ReviewTable, table=True):
    """The first opened share of an unsealing, under the service's key; waits ten minutes for the second.

    ``question`` is the digest of what the custodian agreed to; ``opened_at`` is system time.
    """

    __tablename__ = "opened_share"

    stage_id: UUID = Field(primary_key=True)
    number: int
    account_id: UUID
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    question: str
    opened_at: datetime = moment()
