"""What is handed over beside facts: canonical JSON under its SHA-256, read from S3 with the reader's own rights.

Decimals travel as plain strings; nothing here names a natural person beyond what the receiving room needs.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.subjects import CaseSubject


class Frozen(BaseModel):
    """Base of dossier shapes: frozen; unknown optional fields of newer versions are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ManifestEntry(Frozen):
    """One case of a manifest: its dossier's digest and owner, and the public attributes of its subject."""

    case_id: UUID
    number: str
    dossier_digest: str
    subject: CaseSubject
    variant: str | None = None


class Manifest(Frozen):
    """A frozen list of (case, dossier digest) handed from one stage to the next; never changes."""

    manifest_id: UUID
    source: str
    stage_id: UUID
    cycle_id: UUID
    category_id: UUID
    version: int = 1
    entries: tuple[ManifestEntry, ...]


class EvidenceItem(Frozen):
    """A file in the locked bucket: its hash, size in bytes, version id there, the figures it is bound to and, where
    one was named, the page of each."""

    evidence_id: UUID
    name: str
    kind: str
    sha256: str
    size: int
    version_id: str
    figures: tuple[str, ...] = ()
    pages: dict[str, int] = {}


INVESTIGATION_KINDS = {
    "material": "材料核查",
    "on_site": "现场核查",
    "audit": "审计",
    "organisation": "组织调查",
    "social": "社会调查",
}
"""What a finding comes from, in words."""


class InvestigationItem(Frozen):
    """A finding of office or departments about a case, optionally about one item of the scorecard."""

    kind: str
    item: str | None
    source: str
    found_on: str
    finding: str
    investigation_id: UUID | None = None
    files: tuple[EvidenceItem, ...] = ()


class RaisedRule(Frozen):
    """A veto or a zero condition that a finding raises; review's chair adjudicates it before it counts.

    ``kind``: ``veto`` or ``zero_condition``; ``rule_id`` is its id in the scorecard.
    """

    rule_id: str
    kind: str
    source: str
    found_on: str
    investigation_id: UUID


class ApplicationDossier(Frozen):
    """A case as submission hands it over.

    ``raised`` tells where each of ``vetoes`` and ``zero_conditions`` comes from; ``paper``: filed on paper and entered
    by the office (代录).
    """

    case_id: UUID
    number: str
    category_key: str
    variant: str | None
    subject: CaseSubject
    figures: dict[str, Any]
    evidence: tuple[EvidenceItem, ...]
    investigations: tuple[InvestigationItem, ...]
    statement_version: str | None
    accepted_at: datetime
    vetoes: tuple[str, ...] = ()
    zero_conditions: tuple[str, ...] = ()
    official: dict[str, Any] | None = None
    raised: tuple[RaisedRule, ...] = ()
    paper: bool = False


class StaffMember(Frozen):
    """Somebody of the office as colleagues see them; ``active``: may be given work."""

    account_id: UUID
    name: str
    active: bool


class StaffList(Frozen):
    """The people of the office at an instant of system time, those who left included: their work keeps its name."""

    listed_at: datetime
    people: tuple[StaffMember, ...]


class SheetRecord(Frozen):
    """One expert's signed sheet after unsealing: neutral expert number, judgements, items and total.

    ``signed_at`` (business time) lets the chair and the auditor see sheets signed in a hurry.
    """

    expert: str
    sheet_digest: str
    judgements: dict[str, str]
    items: dict[str, str]
    total: str
    signed_at: datetime | None = None
    reasons: dict[str, str] = {}


class RuledFinding(Frozen):
    """A zero condition or veto that the chair upheld and the office confirmed, with the article it rests on."""

    kind: str
    rule_id: str
    article: str


class ReviewDossier(Frozen):
    """A case as review hands it over: the exact mean as a fraction of integers, and the sheets behind it."""

    case_id: UUID
    number: str
    application_digest: str
    subject: CaseSubject
    variant: str | None
    mean_numerator: int
    mean_denominator: int
    sheets: tuple[SheetRecord, ...]
    vetoed: bool
    not_computable: tuple[str, ...] = ()
    ruled: tuple[RuledFinding, ...] = ()


class FinalEntryDossier(Frozen):
    """An entry of a final list as ranking hands it to publication."""

    case_id: UUID
    number: str
    subject: CaseSubject
    position: int
    score: str | None
    rank: int | None
    outcome: str
    reason: str | None = None
    previous_digest: str
    official: dict[str, Any] | None = None
    items: dict[str, str] = {}


def mean_display(numerator: int, denominator: int) -> str:
    """A mean rounded half up to two decimals, for the eye only; ranking compares the exact fraction."""
    hundredths = (200 * numerator + denominator) // (2 * denominator)
    return f"{Decimal(hundredths) / 100:.2f}"
