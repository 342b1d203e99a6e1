"""What has happened: frozen, past tense, one class a subject.

Facts carry ids, digests, states and public organisation attributes; never a person's name, a contact, a figure or a
reason. Within a version only optional fields may be added; a changed meaning is a new subject ``.v2``.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.subjects import Subject


class Fact(BaseModel):
    """Base of all facts: which cycle, category and case it speaks of, and the case's version."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    subject: ClassVar[str]

    cycle_id: UUID | None = None
    category_id: UUID | None = None
    case_id: UUID | None = None
    version: int = 1


class ServiceFact(Fact):
    """A fact that every service may state of itself; ``source`` is the first word of the subject."""

    source: str


class Envelope(BaseModel):
    """How a fact travels: id (UUIDv7), when (business time), who, because of what, under which trace."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    subject: str
    occurred_at: datetime
    actor_id: UUID | None = None
    cause: UUID | None = None
    trace: str = ""
    fact: dict[str, object]


def subject_of(fact: Fact) -> str:
    """The subject a fact is published under."""
    return fact.subject.format(source=getattr(fact, "source", ""))


# -- office ----------------------------------------------------------------------------------------------------------


class CycleOpened(Fact):
    """A programme year was opened under a pinned rulebook."""

    subject = "office.cycle.opened.v1"
    rulebook_id: str
    rulebook_digest: str
    year: int


class CategoryOpened(Fact):
    """A category of a cycle was opened."""

    subject = "office.category.opened.v1"
    category_key: str
    rulebook_id: str
    rulebook_digest: str


class StageChangeRequested(Fact):
    """The office asks the owner of a stage to extend, pause, resume, advance or cancel it."""

    subject = "office.stage.change_requested.v1"
    stage_id: UUID
    owner: str
    request_id: UUID
    change: str
    days: int | None = None


class ClockMoved(Fact):
    """Rehearsal only: business time is now system time plus this offset; moves are forward only."""

    subject = "office.clock.moved.v1"
    offset_seconds: int


class CalendarImported(Fact):
    """Two persons imported a year's working calendar; its text is the dossier under ``digest``."""

    subject = "office.calendar.imported.v1"
    year: int
    digest: str


class AccountRevoked(Fact):
    """An account or one of its sessions may no longer act anywhere."""

    subject = "office.account.revoked.v1"
    account_id: UUID


class StaffChanged(Fact):
    """The people of the office are others than before; their names lie in office's dossier of this digest."""

    subject = "office.staff.changed.v1"
    digest: str


class EnterpriseRegistered(Fact):
    """An enterprise was let in by the office; its public attributes as it registered them."""

    subject = "office.enterprise.registered.v1"
    enterprise_id: UUID
    credit_code: str
    name: str
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None


class CheckpointSigned(Fact):
    """The ledger's newest signed checkpoint, to be printed on every receipt and notice."""

    subject = "office.checkpoint.signed.v1"
    checkpoint: str


class LedgerAppended(Fact):
    """The audit entries of one source up to ``source_number`` stand in the ledger."""

    subject = "office.ledger.appended.v1"
    of_service: str
    source_number: int


class ReleaseDated(Fact):
    """The office set the date after which a release no longer waits for held or refilled entries."""

    subject = "office.release.dated.v1"
    release_at: datetime


# -- every service ---------------------------------------------------------------------------------------------------


class StageOpened(ServiceFact):
    """A stage row was opened by its owner, with its term."""

    subject = "{source}.stage.opened.v1"
    stage_id: UUID
    kind: str
    opens_at: datetime
    closes_at: datetime | None = None
    counted_days: tuple[str, ...] = ()
    provisional: bool = False
    term: dict[str, object] | None = None
    supplement: int = 0


class StageChanged(ServiceFact):
    """A stage's term or state changed; answers a request when ``request_id`` is set."""

    subject = "{source}.stage.changed.v1"
    stage_id: UUID
    kind: str
    state: str
    closes_at: datetime | None = None
    counted_days: tuple[str, ...] = ()
    provisional: bool = False
    request_id: UUID | None = None
    refused: str | None = None
    stuck: bool = False
    waits_for: str | None = None
    term: dict[str, object] | None = None
    paused_on: str | None = None


class StageClosed(ServiceFact):
    """A stage ended; the next one works on the manifest."""

    subject = "{source}.stage.closed.v1"
    stage_id: UUID
    kind: str
    state: str
    closed_at: datetime
    manifest_id: UUID | None = None
    manifest_digest: str | None = None
    cases: int = 0
    counted_from: datetime | None = None


class AuditEntry(BaseModel):
    """One ledger entry: source number, type, salted digest. No free text, no personal data."""

    model_config = ConfigDict(frozen=True)

    number: int
    type: str
    digest: str
    chain: str
    occurred_at: datetime
    category_id: UUID | None = None
    public: str | None = None


class AuditSequenced(ServiceFact):
    """A run of audit entries, numbered without gaps and chained by their source."""

    subject = "{source}.audit.sequenced.v1"
    entries: tuple[AuditEntry, ...]


class NoticeDue(ServiceFact):
    """Somebody must be told: case number, stage, term and a link; office alone knows the address."""

    subject = "{source}.notice.due.v1"
    notice_id: UUID
    recipient_kind: str
    recipient_id: UUID | None = None
    recipient_role: str | None = None
    template: str
    case_number: str | None = None
    stage_title: str | None = None
    until: datetime | None = None
    link: str = "/"


class NoticeRead(ServiceFact):
    """The addressee of a notice has read it where the service shows it."""

    subject = "{source}.notice.read.v1"
    notice_id: UUID


class PartDeposited(ServiceFact):
    """A part of a category's bundle lies in S3 as a dossier of its source; ``audience`` is public or auditor."""

    subject = "{source}.part.deposited.v1"
    audience: str
    name: str
    digest: str


# -- submission ------------------------------------------------------------------------------------------------------


class ApplicationAccepted(Fact):
    """An application was accepted and has a receipt."""

    subject = "submission.application.accepted.v1"
    stage_id: UUID
    number: str
    dossier_digest: str
    applicant: Subject


class ApplicationWithdrawn(Fact):
    """The applicant withdrew."""

    subject = "submission.application.withdrawn.v1"
    number: str


class CaseDecided(Fact):
    """Screening decided a case: passed, rejected, lapsed or disqualified."""

    subject = "submission.case.decided.v1"
    number: str
    outcome: str
    article: str | None = None


class CaseAmended(Fact):
    """After a manifest froze: withdrawn, disqualified, corrected or reinstated."""

    subject = "submission.case.amended.v1"
    number: str
    kind: str
    dossier_digest: str | None = None


# -- review ----------------------------------------------------------------------------------------------------------


class PanelDrawn(Fact):
    """A panel was drawn from a frozen list; transcript is the dossier under ``transcript_digest``."""

    subject = "review.panel.drawn.v1"
    stage_id: UUID
    attempt: int
    list_digest: str
    transcript_digest: str


class PanelUnsealed(Fact):
    """All required sheets were signed and the panel's seal was opened."""

    subject = "review.panel.unsealed.v1"
    stage_id: UUID
    sheets: int


# -- ranking ---------------------------------------------------------------------------------------------------------


class SeatFilled(Fact):
    """The guidance committee filled a seat by a new decision; consultation and a notice of its own follow."""

    subject = "ranking.seat.filled.v1"
    supplement: int
    manifest_id: UUID
    manifest_digest: str


class ListFixed(Fact):
    """The final list of a category, or a supplement to it, was fixed."""

    subject = "ranking.list.fixed.v1"
    stage_id: UUID
    supplement: int
    manifest_id: UUID
    manifest_digest: str
    entries: int


# -- publication -----------------------------------------------------------------------------------------------------


class PostingRecorded(Fact):
    """A call or notice was posted: channel, address, instant, digest."""

    subject = "publication.posting.recorded.v1"
    stage_id: UUID
    posting_id: UUID
    kind: str
    posted_at: datetime
    digest: str


class ObjectionRuled(Fact):
    """An objection was dismissed or upheld; an upheld one removes the entry from its list."""

    subject = "publication.objection.ruled.v1"
    stage_id: UUID
    objection_id: UUID
    upheld: bool


class BundleWanted(Fact):
    """A category's list is prepared and in the ledger: everybody deposits the parts of its bundle, fresh.

    Answered by ``PartDeposited``; office's ``ledger.json`` must hold the entry whose public digest is ``list_digest``.
    """

    subject = "publication.bundle.wanted.v1"
    list_digest: str
    supplement: int = 0


class CategoryReleased(Fact):
    """The list of a category (or a later supplement) was released."""

    subject = "publication.category.released.v1"
    supplement: int
    digest: str
    entries: int


class CycleReleased(Fact):
    """All lists of a cycle were released; the cycle is over."""

    subject = "publication.cycle.released.v1"


def all_facts() -> dict[str, type[Fact]]:
    """Subject pattern → class, for every concrete fact."""
    found: dict[str, type[Fact]] = {}
    waiting = [Fact]
    while waiting:
        for fact in waiting.pop().__subclasses__():
            waiting.append(fact)
            if "subject" in fact.__dict__:
                found[fact.subject] = fact
    return found
