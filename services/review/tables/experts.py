"""Tables of the pool: experts, their ties, groups of organisations, what was contested."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Text
from sqlmodel import Field

from services.review.tables.base import ReviewTable
from shared.infra.tables import moment


class Expert(ReviewTable, table=True):
    """A member of a pool. ``login`` is the account that acts for the expert.

    ``state``: recorded by one person, approved by another, or suspended with a reason; only approved ones are drawn.
    ``load_cap``: on at most so many running panels at once.
    """

    __tablename__ = "expert"

    expert_id: UUID = Field(primary_key=True)
    login: str = Field(unique=True)
    name: str
    pool: str = Field(index=True)
    employer: str
    employer_code: str | None = None
    field: str | None = None
    posts: str | None = Field(default=None, sa_column=Column(Text))
    load_cap: int | None = None
    available: bool = True
    state: str = "recorded"
    state_reason: str | None = Field(default=None, sa_column=Column(Text))
    recorded_by: UUID | None = None
    approved_by: UUID | None = None
    recorded_at: datetime = moment()


class ExpertTie(ReviewTable, table=True):
    """A tie of an expert to an organisation (``conflicts.RECORDED``), what shows it, and until when it counts."""

    __tablename__ = "expert_tie"

    tie_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(index=True)
    kind: str
    credit_code: str
    evidence: str = Field(sa_column=Column(Text, nullable=False))
    until: date | None = None
    recorded_by: UUID | None = None
    recorded_at: datetime = moment()


class OrganisationGroup(ReviewTable, table=True):
    """To which group an organisation belongs."""

    __tablename__ = "organisation_group"

    credit_code: str = Field(primary_key=True)
    name: str
    evidence: str = Field(sa_column=Column(Text, nullable=False))


class Contest(ReviewTable, table=True):
    """A conflict that expert or office contests, as its evidence shows it, and how the office ruled.

    ``lifted`` None: not ruled yet.
    """

    __tablename__ = "conflict_contest"

    contest_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(index=True)
    kind: str
    credit_code: str
    evidence: str = Field(sa_column=Column(Text, nullable=False))
    reason: str = Field(sa_column=Column(Text, nullable=False))
    contested_by: UUID | None = None
    contested_at: datetime = moment()
    lifted: bool | None = None
    ruling: str | None = Field(default=None, sa_column=Column(Text))
    ruled_by: UUID | None = None
    ruled_at: datetime | None = moment(nullable=True)
