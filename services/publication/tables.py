"""Tables of the publication service, in its own database."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.infra.tables import json_column, moment

metadata = MetaData()


class PublicationTable(SQLModel, registry=registry(metadata=metadata)):
    """Base of this service's tables; a registry of its own keeps names apart from the others'."""

    metadata = metadata


class Cycle(PublicationTable, table=True):
    """Read copy of a programme year, and the date after which its release waits no longer."""

    __tablename__ = "cycle"

    cycle_id: UUID = Field(primary_key=True)
    rulebook_id: str
    rulebook_digest: str
    year: int
    release_at: datetime | None = moment(nullable=True)
    released_at: datetime | None = moment(nullable=True)


class Category(PublicationTable, table=True):
    """Read copy of a category."""

    __tablename__ = "category"

    category_id: UUID = Field(primary_key=True)
    cycle_id: UUID = Field(index=True)
    category_key: str
    rulebook_id: str
    rulebook_digest: str


class StageSeen(PublicationTable, table=True):
    """Read copy of how a stage of any service stands, for the stage line and for terminated categories."""

    __tablename__ = "stage_seen"

    stage_id: UUID = Field(primary_key=True)
    source: str
    kind: str
    category_id: UUID = Field(index=True)
    state: str
    opens_at: datetime | None = moment(nullable=True)
    closes_at: datetime | None = moment(nullable=True)
    provisional: bool = False
    closed_at: datetime | None = moment(nullable=True)
    version: int = 0


class Posting(PublicationTable, table=True):
    """What was posted where and when, with the digest of its text; once per stage and kind."""

    __tablename__ = "posting"
    __table_args__ = (UniqueConstraint("stage_id", "kind", name="one_posting_per_stage_and_kind"),)

    posting_id: UUID = Field(primary_key=True)
    stage_id: UUID
    cycle_id: UUID = Field(index=True)
    category_id: UUID
    kind: str
    channel: str
    address: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    digest: str
    posted_at: datetime = moment()
    recorded_by: UUID | None = None


class Listing(PublicationTable, table=True):
    """A list on its way to release: the main list (supplement 0) or a refilled seat's (1, 2, …).

    ``addendum`` counts lists of entries that were held when their list was released and cleared afterwards.
    ``stage_id`` is the publicity stage, or ranking's stage where the rulebook has no publicity.
    """

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("category_id", "supplement", "addendum", name="one_listing_per_category_and_supplement"),
    )

    listing_id: UUID = Field(primary_key=True)
    cycle_id: UUID = Field(index=True)
    category_id: UUID
    category_key: str
    rulebook_id: str
    rulebook_digest: str
    supplement: int = 0
    addendum: int = 0
    stage_id: UUID | None = Field(default=None, index=True)
    publicity: bool = True
    manifest_id: UUID | None = None
    manifest_digest: str | None = None
    manifest_source: str | None = None
    received_at: datetime | None = moment(nullable=True)
    frozen_at: datetime | None = moment(nullable=True)
    cleared_id: UUID | None = None
    cleared_digest: str | None = None
    cleared_cases: int = 0
    ended_at: datetime | None = moment(nullable=True)
    prepared_digest: str | None = None
    prepared: dict[str, Any] | None = json_column(nullable=True)


class ListEntry(PublicationTable, table=True):
    """One case of a list. ``listed`` until removed (objection upheld) or struck (amended after the list was fixed)."""

    __tablename__ = "list_entry"

    listing_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True, index=True)
    number: str
    position: int
    subject: dict[str, Any] = json_column()
    score: str | None = None
    rank: int | None = None
    outcome: str
    reason: str | None = Field(default=None, sa_column=Column(Text))
    dossier_digest: str
    state: str = "listed"
    state_reason: str | None = None


class Objection(PublicationTable, table=True):
    """An objection to an entry. Who objects and how to reach them lies sealed; the follow code only as a digest."""

    __tablename__ = "objection"
    __table_args__ = (Index("objection_open", "stage_id", "case_id", postgresql_where=text("closed_at IS NULL")),)

    objection_id: UUID = Field(primary_key=True)
    receipt: str = Field(unique=True)
    stage_id: UUID
    category_id: UUID
    cycle_id: UUID
    case_id: UUID
    number: str
    grounds: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    code_digest: str
    state: str
    filed_at: datetime = moment()
    admitted_at: datetime | None = moment(nullable=True)
    closed_at: datetime | None = moment(nullable=True)
    answer: str | None = Field(default=None, sa_column=Column(Text))


class Ruling(PublicationTable, table=True):
    """The one decision on an objection."""

    __tablename__ = "ruling"

    objection_id: UUID = Field(primary_key=True)
    outcome: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    ruled_by: UUID | None = None
    ruled_at: datetime = moment()


class ReleaseRound(PublicationTable, table=True):
    """One release act of a cycle: round 0 is the release, later rounds bring supplements."""

    __tablename__ = "release_round"

    cycle_id: UUID = Field(primary_key=True)
    round: int = Field(primary_key=True)
    opened_at: datetime = moment()
    prepared_digest: str | None = None
    wanted_at: datetime | None = moment(nullable=True)
    confirmed_at: datetime | None = moment(nullable=True)
    confirmed_by: UUID | None = None
    confirmed_second: UUID | None = None
    published_at: datetime | None = moment(nullable=True)
    waits_for: str | None = None
    stuck: str | None = None


class Release(PublicationTable, table=True):
    """A list that was released: exactly once, its public content kept under its digest."""

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("cycle_id", "category_id", "supplement", "addendum", name="one_release_per_list"),
    )

    listing_id: UUID = Field(primary_key=True)
    cycle_id: UUID
    category_id: UUID = Field(index=True)
    supplement: int
    addendum: int
    round: int
    digest: str
    entries: int
    content: dict[str, Any] = json_column()
    files: list[dict[str, Any]] = json_column()
    released_at: datetime = moment()


class Revocation(PublicationTable, table=True):
    """An entry that fell after its release: a notice of revocation, once a case and list."""

    __tablename__ = "revocation"

    listing_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    category_id: UUID = Field(index=True)
    number: str
    name: str
    kind: str
    revoked_at: datetime = moment()


class LedgerMark(PublicationTable, table=True):
    """Up to which of this service's audit numbers the ledger stands; one row."""

    __tablename__ = "ledger_mark"

    id: int = Field(default=1, primary_key=True)
    number: int


class BundlePart(PublicationTable, table=True):
    """The newest deposited part of a category's bundle, by source, audience and name."""

    __tablename__ = "bundle_part"

    category_id: UUID = Field(primary_key=True)
    source: str = Field(primary_key=True)
    audience: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    digest: str
    deposited_at: datetime = moment()


class Page(PublicationTable, table=True):
    """A public page that is pre-rendered: what it shows, whether it must be rendered anew, what was written.

    ``blocked`` says why the newest state was not written (it held a personal number); the file stays as it was.
    """

    __tablename__ = "page"

    path: str = Field(primary_key=True)
    kind: str
    ref: UUID | None = None
    wanted: int = 1
    rendered: int = 0
    basis: str = ""
    digest: str | None = None
    blocked: str | None = None
    rendered_at: datetime | None = moment(nullable=True)


class Poll(PublicationTable, table=True):
    """A public vote: its candidates (frozen with the manifest) and, after the end, its counts."""

    __tablename__ = "poll"

    stage_id: UUID = Field(primary_key=True)
    category_id: UUID
    choices: int
    candidates: list[dict[str, Any]] = json_column()
    counts: dict[str, int] | None = json_column(nullable=True)
    votes: int | None = None
    counted_at: datetime | None = moment(nullable=True)


class VoteToken(PublicationTable, table=True):
    """A right to one vote, kept as a digest, and the pseudonym of the address it was handed to (for the limit)."""

    __tablename__ = "vote_token"
    __table_args__ = (Index("vote_token_limit", "stage_id", "address", "issued_at"),)

    token_digest: str = Field(primary_key=True)
    stage_id: UUID
    address: str
    issued_at: datetime = moment()


class Vote(PublicationTable, table=True):
    """A vote: one per poll and pseudonym."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("stage_id", "pseudonym", name="one_vote_per_token"),)

    receipt: str = Field(primary_key=True)
    stage_id: UUID
    pseudonym: str
    choices: list[str] = json_column()
    cast_at: datetime = moment()
