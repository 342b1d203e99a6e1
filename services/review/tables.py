"""Tables of the review service, in its own database."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.infra.tables import json_column, moment

metadata = MetaData()


class ReviewTable(SQLModel, registry=registry(metadata=metadata)):
    """Base of the service's tables."""

    metadata = metadata


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
    """A conflict that expert or office contests, and how the office ruled; ``lifted`` None: not ruled yet."""

    __tablename__ = "conflict_contest"

    contest_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(index=True)
    kind: str
    credit_code: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    contested_by: UUID | None = None
    contested_at: datetime = moment()
    lifted: bool | None = None
    ruling: str | None = Field(default=None, sa_column=Column(Text))
    ruled_by: UUID | None = None
    ruled_at: datetime | None = moment(nullable=True)


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


class DrawAttempt(ReviewTable, table=True):
    """A frozen list and where its draw stands (``domain.parties.Phase``), or why the attempt is void."""

    __tablename__ = "draw_attempt"

    stage_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    phase: str
    list_digest: str
    frozen_list: dict[str, Any] = json_column()
    frozen_at: datetime = moment()
    drawn_at: datetime | None = moment(nullable=True)
    voided_at: datetime | None = moment(nullable=True)
    seed: str | None = None
    transcript_digest: str | None = None
    void_reason: str | None = Field(default=None, sa_column=Column(Text))
    silent: list[str] = json_column()


class DrawParty(ReviewTable, table=True):
    """A party of an attempt: its commitment, then its secret, each by one and the same person."""

    __tablename__ = "draw_party"

    stage_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    party: str = Field(primary_key=True)
    place: int
    enterprise_id: UUID | None = None
    commitment: str | None = None
    committed_at: datetime | None = moment(nullable=True)
    committed_by: UUID | None = None
    secret: str | None = None
    revealed_at: datetime | None = moment(nullable=True)


class DrawStandIn(ReviewTable, table=True):
    """Whom the guidance committee named for a party that was silent twice on a panel, and why."""

    __tablename__ = "draw_stand_in"

    stage_id: UUID = Field(primary_key=True)
    party: str = Field(primary_key=True)
    by: str
    reason: str = Field(sa_column=Column(Text, nullable=False))
    named_by: UUID | None = None
    named_at: datetime = moment()


class Pseudonym(ReviewTable, table=True):
    """Who a pseudonym of a frozen list is; never leaves this service."""

    __tablename__ = "pseudonym"

    stage_id: UUID = Field(primary_key=True)
    pseudonym: str = Field(primary_key=True)
    expert_id: UUID


class PanelMember(ReviewTable, table=True):
    """A member or alternate of a panel; ``label`` is the neutral name shown with sheets."""

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


class Draft(ReviewTable, table=True):
    """An unsigned sheet, encrypted; overwritten by each save, removed when the sheet is signed."""

    __tablename__ = "draft"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    saved_at: datetime = moment()


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


class Sheet(ReviewTable, table=True):
    """A signed sheet, sealed to the panel's key of that ``generation``; one an expert and case, never changed.

    ``version`` 1 is the sheet itself, higher ones are corrections with their ``reason``, which count once
    countersigned. ``attestation``: the service's statement on it, with its signature.
    """

    __tablename__ = "sheet"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(primary_key=True)
    generation: int = Field(primary_key=True)
    version: int = Field(default=1, primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    digest: str = Field(unique=True)
    attestation: dict[str, Any] = json_column()
    reason: str | None = Field(default=None, sa_column=Column(Text))
    signed_at: datetime = moment()


class Countersignature(ReviewTable, table=True):
    """The office's answer to a correction, of which it saw the digest and the reason, never the sheet."""

    __tablename__ = "countersignature"

    digest: str = Field(primary_key=True)
    stage_id: UUID = Field(index=True)
    account_id: UUID
    accepted: bool
    reason: str | None = Field(default=None, sa_column=Column(Text))
    answered_at: datetime = moment()


class OpenedSheet(ReviewTable, table=True):
    """What a counted sheet says, written in the act that unsealed it."""

    __tablename__ = "opened_sheet"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    expert_id: UUID = Field(primary_key=True)
    digest: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Finding(ReviewTable, table=True):
    """A zero condition or veto raised about a case, with its source; ruled on by the chair, confirmed by the office."""

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("stage_id", "case_id", "rule_id"),)

    finding_id: UUID = Field(primary_key=True)
    stage_id: UUID = Field(index=True)
    case_id: UUID
    kind: str
    rule_id: str
    raised_as: str
    source: str = Field(sa_column=Column(Text, nullable=False))
    found_on: str | None = None
    investigation_id: UUID | None = None
    raised_by: UUID | None = None
    raised_at: datetime = moment()
    state: str
    upheld: bool | None = None
    article: str | None = None
    reason: str | None = Field(default=None, sa_column=Column(Text))
    ruled_by: UUID | None = None
    ruled_at: datetime | None = moment(nullable=True)
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = moment(nullable=True)


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


class Result(ReviewTable, table=True):
    """What a case came to: the exact mean as a fraction of integers, and its dossier."""

    __tablename__ = "result"

    stage_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(primary_key=True)
    mean_numerator: str
    mean_denominator: str
    sheets: int
    vetoed: bool
    dossier_digest: str


class TieDecision(ReviewTable, table=True):
    """How the chair ordered events with equal place sums, and why."""

    __tablename__ = "tie_decision"

    stage_id: UUID = Field(primary_key=True)
    ordered: list[str] = json_column()
    reason: str = Field(sa_column=Column(Text, nullable=False))
    decided_at: datetime = moment()


class LedgerMark(ReviewTable, table=True):
    """Up to which of this service's audit numbers the ledger has confirmed; one row."""

    __tablename__ = "ledger_mark"

    id: int = Field(default=1, primary_key=True)
    number: int
