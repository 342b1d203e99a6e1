"""Tables of accounts, sessions and tickets. Times are system time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, Text
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
    email: str | None = None
    mobile: str | None = None
    created_at: datetime = moment()
    password_set_at: datetime = moment()
    revoked_at: datetime | None = moment(nullable=True)


class EarlierPassword(OfficeTable, table=True):
    """A password that an account had, so that it is not taken again."""

    __tablename__ = "earlier_password"

    account_id: UUID = Field(foreign_key="account.account_id", primary_key=True)
    replaced_at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    password_hash: str


class SecondFactor(OfficeTable, table=True):
    """The secret of an account's one-time codes, sealed; ``last_step`` is the time step of the last accepted code."""

    __tablename__ = "second_factor"

    account_id: UUID = Field(foreign_key="account.account_id", primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    made_at: datetime = moment()
    enrolled_at: datetime | None = moment(nullable=True)
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))


class AccountSession(OfficeTable, table=True):
    """A sign-in; its opaque token is known only to its browser, here stands the SHA-256.

    ``wants`` names what is still to be given; until then it is no session.
    """

    __tablename__ = "account_session"

    session_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id", index=True)
    token_hash: str = Field(unique=True)
    opened_at: datetime = moment()
    used_at: datetime = moment()
    auth_time: datetime = moment()
    wants: str | None = None
    by_provider: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    ended_at: datetime | None = moment(nullable=True)


class IdentityLink(OfficeTable, table=True):
    """An account's subject at an OpenID Connect provider; one an account."""

    __tablename__ = "identity_link"

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id", unique=True)
    linked_at: datetime = moment()


class IdentityAttempt(OfficeTable, table=True):
    """A way to the provider that a browser has begun; ``account_id``: to link it, else to sign in. Used once."""

    __tablename__ = "identity_attempt"

    state_hash: str = Field(primary_key=True)
    nonce: str
    verifier: str
    target: str
    account_id: UUID | None = Field(default=None, foreign_key="account.account_id")
    made_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class SignInFailure(OfficeTable, table=True):
    """Wrong passwords and codes in a row, by login, whether or not there is such an account."""

    __tablename__ = "sign_in_failure"

    login: str = Field(primary_key=True)
    failures: int
    last_at: datetime = moment(index=True)
    locked_until: datetime | None = moment(nullable=True)


class Recovery(OfficeTable, table=True):
    """A one-use link by which somebody who lost password or phone sets a new password."""

    __tablename__ = "recovery"

    recovery_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id", index=True)
    made_by: UUID = Field(foreign_key="account.account_id")
    made_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class Invitation(OfficeTable, table=True):
    """A one-use link by which somebody becomes an account with these roles, or joins an enterprise.

    ``login`` is fixed where others already know the person by it (an expert of the pool).
    """

    __tablename__ = "invitation"

    invitation_id: UUID = Field(primary_key=True)
    display_name: str
    login: str | None = None
    roles: list[str] = json_column()
    acts_for: list[str] = json_column()
    email: str | None = None
    mobile: str | None = None
    made_by: UUID = Field(foreign_key="account.account_id")
    made_at: datetime = moment()
    expires_at: datetime = moment()
    used_by: UUID | None = Field(default=None, foreign_key="account.account_id")
    used_at: datetime | None = moment(nullable=True)
    withdrawn_at: datetime | None = moment(nullable=True)


class Registration(OfficeTable, table=True):
    """An enterprise that asks to be let in; once confirmed its contact sets up an account by ``invitation_id``."""

    __tablename__ = "registration"

    registration_id: UUID = Field(primary_key=True)
    credit_code: str = Field(index=True)
    name: str
    contact: str
    mobile: str
    email: str
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None
    state: str = Field(default="waiting", index=True)
    asked_at: datetime = moment()
    decided_by: UUID | None = Field(default=None, foreign_key="account.account_id")
    decided_at: datetime | None = moment(nullable=True)
    reason: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    invitation_id: UUID | None = Field(default=None, foreign_key="invitation.invitation_id")


class Handover(OfficeTable, table=True):
    """The work of somebody absent, done by another person of the same role for a time."""

    __tablename__ = "handover"

    handover_id: UUID = Field(primary_key=True)
    from_account: UUID = Field(foreign_key="account.account_id")
    to_account: UUID = Field(foreign_key="account.account_id", index=True)
    reason: str = Field(sa_column=Column(Text, nullable=False))
    made_by: UUID = Field(foreign_key="account.account_id")
    starts_at: datetime = moment()
    ends_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class ApiToken(OfficeTable, table=True):
    """What a program shows in place of its person, for some acts and a time; here stands the SHA-256."""

    __tablename__ = "api_token"

    token_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id", index=True)
    name: str
    token_hash: str = Field(unique=True)
    scopes: list[str] = json_column()
    made_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)
    revoked_at: datetime | None = moment(nullable=True)


class SignInLink(OfficeTable, table=True):
    """Rehearsal only: a link that signs in once."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.account_id")
    made_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class TicketRequest(OfficeTable, table=True):
    """What waits for a second person, or was confirmed or declined. ``way_on``: the page of its act."""

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
    way_on: str | None = None
