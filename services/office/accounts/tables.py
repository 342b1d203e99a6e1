"""Tables of accounts, sessions and tickets. Times are system time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Text
from sqlmodel import Field

from services.office.metadata import OfficeTable
from shared.infra.tables import json_column, moment


class Account(OfficeTable, table=True):
    """Somebody who may sign in. ``acts_for`` holds enterprise, department or expert ids as text."""

    __tablename__ = "account"

    account_id: UUID = Field(primary_key=True)
    login: str = Field(unique=True)
    password_hash: str
    display_name: str
    roles: list[str] = json_column()
    acts_for: list[str] = json_column()
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(nullable=True)


class AccountSession(OfficeTable, table=True):
    """A sign-in; its opaque token is known only to its browser, here stands the SHA-256."""

    __tablename__ = "account_session"

    session_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id", index=True)
    token_hash: str = Field(unique=True)
    opened_at: datetime = moment()
    used_at: datetime = moment()
    auth_time: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class SignInFailure(OfficeTable, table=True):
    """Wrong passwords in a row, by login, whether or not there is such an account."""

    __tablename__ = "sign_in_failure"

    login: str = Field(primary_key=True)
    failures: int
    last_at: datetime = moment()
    locked_until: datetime | None = moment(nullable=True)


class SignInLink(OfficeTable, table=True):
    """Rehearsal only: a link that signs in once."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id")
    made_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class TicketRequest(OfficeTable, table=True):
    """What waits for a second person, or was confirmed or declined."""

    __tablename__ = "ticket_request"

    ticket_id: UUID = Field(primary_key=True)
    act: str
    digest: str
    subject: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(default="waiting", index=True)
    asked_by: UUID = Field(foreign_key="account.account_id")
    asked_at: datetime = moment()
    answered_by: UUID | None = Field(default=None, foreign_key="account.account_id")
    answered_at: datetime | None = moment(nullable=True)
    reason: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
