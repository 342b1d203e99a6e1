"""Acceptance: complete, eligible drafts become applications with number, dossier, fact, workflow and receipt.

Shortly before a deadline hundreds hand in each second, so a transaction takes in many: it reads with a few statements
for all, takes the stage row FOR SHARE once, gives each filing its own outcome and writes all new rows with one
statement. Waits for no other server.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import case_place, evidence_items_of, keep_dossier, move, require_own
from services.submission.actions.filing import CycleUnknown, require_complete
from services.submission.actions.inconsistencies import comes_to_the_desk
from services.submission.actions.notices import tell_applicant
from services.submission.actions.rules import category_of
from services.submission.domain import filing
from services.submission.domain.cases import CaseEvent, CaseState, case_number
from services.submission.domain.statement import require_stated
from services.submission.tables import Case
from shared.contracts.dossiers import EvidenceItem
from shared.contracts.facts import ApplicationAccepted
from shared.contracts.names import application_workflow_id
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import CaseRef
from shared.infra.database import Actor, Tx
from shared.infra.stages import stages_shared
from shared.infra.tables import Stage
from shared.kernel.refusals import Conflict, NotFound, Refusal
from shared.kernel.stages import StageState, require_open
from shared.rulebook import Category


@dataclass(frozen=True)
class Statement:
    """What the applicant states on handing in: which text, that it is confirmed, consent to a person's name."""

    version: str
    confirmed: bool
    name_consent: bool = False


@dataclass(frozen=True)
class Filing:
    """A draft to be accepted, by whom, under which trace. ``received_at`` is judged by the term, not the acceptance."""

    case_id: UUID
    statement: Statement
    actor: Actor
    trace: str
    received_at: datetime


@dataclass(frozen=True)
class _Desk:
    """What a batch of filings is judged by, read at once; stages shared, cases locked."""

    stages: Mapping[UUID, Stage]
    cases: Mapping[UUID, store.ToAccept]
    files: Mapping[UUID, tuple[EvidenceItem, ...]]


@dataclass(frozen=True)
class _Ready:
    """A filing that will be accepted.

    ``by_hand``: entry rules that the screener must look at; ``stated``: how the statement was made.
    """

    case: Case
    category: Category
    year: int
    by_hand: list[str]
    stated: str


async def submit_application(tx: Tx, case_id: UUID, statement: Statement, received_at: datetime) -> Case:
    """Accept one filing of whoever acts in this transaction."""
    outcome = (await accept_filings(tx, [Filing(case_id, statement, tx.actor, tx.trace, received_at)]))[0]
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def accept_filings(tx: Tx, filings: Sequence[Filing]) -> list[Case | Refusal]:
    """Accept what is complete and eligible, each filing by itself; returns the outcomes in order."""
    desk = await _read(tx, [one.case_id for one in filings])
    outcomes = [await _judged(tx, desk, one) for one in filings]
    numbers = await _numbers(tx, [one for one in outcomes if isinstance(one, _Ready)])
    accepted: list[Case | Refusal] = []
    for one, outcome in zip(filings, outcomes, strict=True):
        if isinstance(outcome, _Ready):
            outcome.case.number = numbers[outcome.case.case_id]
            await _accept(tx.acting_as(one.actor, one.trace), desk, outcome, one.statement)
            accepted.append(outcome.case)
        else:
            accepted.append(outcome)
    return accepted


async def _read(tx: Tx, case_ids: Sequence[UUID]) -> _Desk:
    """The stage rows are taken FOR SHARE before the cases, as everywhere."""
    stages = await stages_shared(tx, store.STAGES_OF_CASES, {"case_ids": list(case_ids)})
    cases = await store.cases_to_accept(tx, case_ids)
    return _Desk(stages=stages, cases=cases, files=await evidence_items_of(tx, case_ids))


async def _judged(tx: Tx, desk: _Desk, one: Filing) -> _Ready | Refusal:
    try:
        return await _ready(tx, desk, one)
    except Refusal as refusal:
        if one.case_id in desk.cases:
            tx.session.expunge(desk.cases[one.case_id].case)
        return refusal


async def _ready(tx: Tx, desk: _Desk, one: Filing) -> _Ready:
    """The filing as it will be accepted.

    Raises:
        Refusal: foreign, late, incomplete, not eligible, without the statement, or handed in already.
    """
    if one.case_id not in desk.cases:
        raise NotFound
    found = desk.cases[one.case_id]
    case = require_own(tx.acting_as(one.actor, one.trace), found.case)
    if case.state == CaseState.RECTIFYING:
        raise Conflict("case_state", "此案正在整改，请用“重新提交”。")
    stage = desk.stages[case.stage_id]
    require_open(StageState(stage.state), stage.opens_at, stage.closes_at, one.received_at)
    if case.state != CaseState.DRAFT:
        raise Conflict("case_state", "申报已提交，不能再修改。")
    category, files = category_of(case), desk.files.get(case.case_id, ())
    stated = require_stated(one.statement.version, one.statement.confirmed, {file.kind for file in files})
    if category.subject_kind == "person":
        filing.require_name_consent(one.statement.name_consent)
        case.subject = {**case.subject, "honoured": case.title}
    await _add_targets(tx, case, category)
    by_hand = require_complete(case, category, files)
    if case.paper:
        filing.require_scan(file.kind for file in files)
    if found.year is None:
        raise CycleUnknown(str(case.cycle_id))
    return _Ready(case, category, found.year, by_hand, stated)


async def _add_targets(tx: Tx, case: Case, category: Category) -> None:
    """Where the office records targets, a filing is actuals only and takes the locked targets in."""
    if not any(fact.filled_by == "office" for fact in category.facts):
        return
    if await store.target_lock(tx, case.category_id) is None:
        raise Conflict("targets_not_locked", "目标值尚未锁定，暂不能提交，请联系办公室。")
    target = await store.target_of(tx, case.category_id, case.subject_id)
    if target is None:
        raise Conflict("no_target", "办公室没有为贵企业登记目标值，请联系办公室。")
    case.entered = {**case.entered, **target.entered}
    case.official = target.official


async def _numbers(tx: Tx, ready: Sequence[_Ready]) -> dict[UUID, str]:
    """Case numbers in the order handed in, for those alone that nothing refuses any more."""
    wanted = Counter(one.case.category_id for one in ready)
    last = {category: await store.next_places(tx, category, wanted[category]) for category in wanted}
    given: dict[UUID, str] = {}
    for one in reversed(ready):
        given[one.case.case_id] = case_number(one.category.initials, one.year, last[one.case.category_id])
        last[one.case.category_id] -= 1
    return given


async def _accept(tx: Tx, desk: _Desk, ready: _Ready, statement: Statement) -> None:
    case = ready.case
    move(tx, case, CaseEvent.SUBMIT)
    case.accepted_at, case.statement_version = tx.now, statement.version
    comes_to_the_desk(tx, case)
    case.receipt_checkpoint = desk.cases[case.case_id].checkpoint
    case.receipt_digest = await keep_dossier(tx, case, desk.files.get(case.case_id, ()))
    await tx.audit(
        "application.accepted",
        **case_place(case),
        stage_id=case.stage_id,
        public=case.receipt_digest,
        by_hand=ready.by_hand,
        stated=ready.stated,
        statement=statement.version,
        **({"entered_for_applicant": True} if case.paper else {}),
    )
    await tx.emit(_accepted(case))
    await tx.ensure("ApplicationLifecycle", application_workflow_id(case.case_id), CaseRef(case_id=case.case_id))
    await tell_applicant(tx, case, "application_accepted")


def _accepted(case: Case) -> ApplicationAccepted:
    return ApplicationAccepted(
        cycle_id=case.cycle_id,
        category_id=case.category_id,
        case_id=case.case_id,
        version=case.version,
        stage_id=case.stage_id,
        number=case.number or "",
        dossier_digest=case.receipt_digest or "",
        applicant=CaseSubject.model_validate(case.subject).organisation,
    )
