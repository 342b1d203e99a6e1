"""What the API answers about cases."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.submission.domain.cases import WORDS, CaseState
from services.submission.domain.receipts import ReceiptClaim, check_address
from services.submission.tables import Case


class CallView(BaseModel):
    """A window: what may be filed where and until when, how its term was counted, and that nothing is charged."""

    stage_id: UUID
    category_id: UUID
    category_key: str
    category: str
    programme: str
    article: str
    open: bool
    closes_at: datetime | None
    provisional: bool
    working_days_left: int | None
    counted_days: tuple[str, ...]
    derivation: str | None
    no_fee: str | None
    who_may_enter: tuple[str, ...]
    variants: dict[str, str]
    title_label: str | None


class CaseLine(BaseModel):
    """A case in a list."""

    case_id: UUID
    category_id: UUID
    category_key: str
    category: str
    number: str | None
    state: str
    state_text: str
    version: int
    subject: dict[str, Any]
    title: str | None
    variant: str | None
    paper: bool = False


class ReceiptView(BaseModel):
    """The receipt of an accepted application: digest of its dossier, latest ledger checkpoint, PDF, public check."""

    case_id: UUID
    number: str
    accepted_at: datetime
    digest: str
    checkpoint: str | None
    pdf: str
    check: str


class BindingView(BaseModel):
    """A figure that a file shows, and on which page."""

    figure: str
    page: int | None = None


class EvidenceView(BaseModel):
    """A file of a case: its edition, and what came of it (``waiting``, ``held``, ``kept``, ``refused``, ``replaced``).

    ``scan``: ``clean``, or ``none`` where no virus scanner is set.
    """

    evidence_id: UUID
    name: str
    kind: str
    size: int
    state: str
    sha256: str | None = None
    version_id: str | None = None
    figures: tuple[str, ...] = ()
    bound: tuple[BindingView, ...] = ()
    edition: int = 1
    replaces: UUID | None = None
    pages: int | None = None
    scan: str | None = None
    refusal: str | None = None
    link: str | None = None
    previews: tuple[str, ...] = ()


class UploadView(EvidenceView):
    """Where to post the file: the address of the file origin and its form fields, for ten minutes.

    A large file comes in parts: then there is no address here, ask for ``parts``.
    """

    upload_url: str | None = None
    fields: dict[str, str] = {}
    parts: str | None = None


class PartView(BaseModel):
    """A part to be put to the file origin, exactly these bytes of the file, within ten minutes."""

    number: int
    size: int
    url: str


class PartsView(BaseModel):
    """How far a large upload is: all parts but the last have ``part_size`` bytes; the numbers that have come."""

    part_size: int
    done: tuple[int, ...]
    missing: tuple[PartView, ...]


class ItemView(BaseModel):
    """A field to be put right."""

    field: str
    label: str
    reason: str


class RectificationView(BaseModel):
    """A term to put named items right."""

    state: str
    article: str
    reason: str
    items: list[ItemView]
    closes_at: datetime
    working_days_left: int
    counted_days: list[str]
    provisional: bool


class DecisionView(BaseModel):
    """A decision on a case."""

    outcome: str
    article: str
    reason: str
    decided_at: datetime


class StepView(BaseModel):
    """A stage of the category as far as it has begun."""

    kind: str
    title: str
    state: str
    opens_at: datetime | None
    closes_at: datetime | None
    provisional: bool
    href: str | None = None
    """The public page of its list, once there is one."""


class EventView(BaseModel):
    """Something that has happened to a case."""

    at: datetime
    text: str
    article: str | None


class MessageView(BaseModel):
    """A message to an enterprise about one of its cases."""

    notice_id: UUID
    title: str
    category: str
    enterprise: str
    number: str | None
    until: datetime | None
    sent_at: datetime
    read_at: datetime | None


class CaseView(CaseLine):
    """Where a case stands: stages, clock, next step, article, who must act, and all that was filed."""

    now: datetime
    next_step: str
    who_must_act: str | None
    in_hand: str | None
    article: str | None
    until: datetime | None
    stages: list[StepView]
    figures: dict[str, Any]
    evidence: list[EvidenceView]
    rectification: RectificationView | None
    decisions: list[DecisionView]
    timeline: list[EventView]
    receipt: ReceiptView | None
    warnings: list[str]
    released: bool = False
    """Whether the category's list is out; who leaves now is revoked in public."""


def line(case: Case, category: str) -> CaseLine:
    """A case as one line."""
    return CaseLine(**_line_fields(case, category))


def _line_fields(case: Case, category: str) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "category_id": case.category_id,
        "category_key": case.category_key,
        "category": category,
        "number": case.number,
        "state": case.state,
        "state_text": WORDS[CaseState(case.state)],
        "version": case.version,
        "subject": case.subject,
        "title": case.title,
        "variant": case.variant,
        "paper": case.paper,
    }


def receipt_view(case: Case) -> ReceiptView | None:
    """The receipt, once there is one."""
    if case.accepted_at is None or case.receipt_digest is None or case.number is None:
        return None
    return ReceiptView(
        case_id=case.case_id,
        number=case.number,
        accepted_at=case.accepted_at,
        digest=case.receipt_digest,
        checkpoint=case.receipt_checkpoint,
        pdf=f"/api/submission/applications/{case.case_id}/receipt.pdf",
        check=check_address("", ReceiptClaim(case.number, case.receipt_digest, case.accepted_at)),
    )


class RuleView(BaseModel):
    """An entry rule that the screener must look at."""

    rule: str
    article: str
    message: str


class FindingView(BaseModel):
    """A finding about a case."""

    investigation_id: UUID
    kind: str
    item: str | None
    source: str
    found_on: str
    finding: str
    raises_veto: str | None
    raises_zero_condition: str | None
    recorded_at: datetime
    replaces: UUID | None = None
    replaced: bool = False
    file: dict[str, Any] | None = None
    recorded_by: UUID | None = None


class RequestView(BaseModel):
    """What a department was asked about a case."""

    request_id: UUID
    department: str
    item: str | None
    question: str
    asked_at: datetime
    answered_at: datetime | None


class InconsistencyView(BaseModel):
    """Something that does not agree; ``reason``: why it may stand, once waived."""

    digest: str
    check: str
    indicator: str | None
    severity: str
    message: str
    reason: str | None = None
    waived_at: datetime | None = None


class MendedView(BaseModel):
    """A named item before and after a rectification, for reading; ``reason``: why it was asked for."""

    label: str
    reason: str
    before: str
    after: str
    changed: bool


class PointView(BaseModel):
    """A point of the checklist: who has looked at it, and when."""

    id: str
    label: str
    article: str
    ticked_at: datetime | None
    ticked_by: str | None


class DoneView(BaseModel):
    """Something that was done with a case."""

    at: datetime
    who: str
    words: str


class DeskView(CaseView):
    """A case on the screener's desk; ``seen`` names the last thing done with it that the page knows of."""

    inconsistencies: list[InconsistencyView]
    mended: list[MendedView]

    to_look_at: list[RuleView]
    findings: list[FindingView]
    requests: list[RequestView]
    checklist: list[PointView]
    history: list[DoneView]
    seen: int
    assignee: UUID | None
    assignee_name: str | None
    present: list[str]
    paper_on: str | None


class QueueLine(CaseLine):
    """A case in the queue, with the end of its rectification if one runs."""

    rectification_closes_at: datetime | None


class QueueView(BaseModel):
    """The queue of a screening stage."""

    stage_id: UUID
    state: str
    counts: dict[str, int]
    cases: list[QueueLine]


class TicketView(BaseModel):
    """What two persons have to agree on."""

    act: str
    digest: str


class ClosingView(BaseModel):
    """The office has ended a stage."""

    stage_id: UUID
    asked_at: datetime


class TargetView(BaseModel):
    """Recorded targets."""

    enterprise_id: UUID
    figures: dict[str, Any]


class TargetLockView(BaseModel):
    """Targets locked by two persons."""

    category_id: UUID
    digest: str
    locked_at: datetime
