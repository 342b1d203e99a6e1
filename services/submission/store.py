"""Reads and writes named by intent; nothing here commits."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, func, or_
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col, delete, select

from services.submission.domain.cases import CaseState
from services.submission.tables import (
    Case,
    CaseCounter,
    ChecklistTick,
    Closing,
    Colleague,
    Cycle,
    Decision,
    Departure,
    Enterprise,
    Evidence,
    EvidenceBinding,
    FieldMark,
    Investigation,
    InvestigationRequest,
    Message,
    Presence,
    Rectification,
    StageCopy,
    Target,
    TargetLock,
    Waiver,
)
from shared.contracts.dossiers import StaffList
from shared.infra.database import Tx
from shared.infra.tables import Audit, Stage
from shared.kernel.refusals import NotFound
from shared.kernel.stages import RUNNING


async def case_of(tx: Tx, case_id: UUID, *, update: bool = False) -> Case:
    """The case, locked for a change when asked.

    Raises:
        NotFound: there is none.
    """
    query = select(Case).where(col(Case.case_id) == case_id)
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    case = (await tx.session.exec(query)).one_or_none()
    if case is None:
        raise NotFound
    return case


async def case_of_receipt(tx: Tx, digest: str) -> tuple[str | None, str | None, datetime | None] | None:
    """Number, digest and time of the receipt that was given under this digest of its content."""
    query = select(Case.number, Case.receipt_digest, Case.accepted_at).where(col(Case.receipt_digest) == digest)
    return (await tx.session.exec(query)).first()


async def cases_of_category(
    tx: Tx, category_id: UUID, states: Collection[CaseState] = tuple(CaseState), *, update: bool = False
) -> Sequence[Case]:
    """Cases of a category in some states, by number."""
    query = (
        select(Case)
        .where(col(Case.category_id) == category_id, col(Case.state).in_([state.value for state in states]))
        .order_by(col(Case.number), col(Case.opened_at))
    )
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await tx.session.exec(query)).all()


async def cases_of_subjects(tx: Tx, subject_ids: Collection[UUID]) -> Sequence[Case]:
    """All cases of some enterprises, newest first."""
    query = select(Case).where(col(Case.subject_id).in_(list(subject_ids))).order_by(col(Case.opened_at).desc())
    return (await tx.session.exec(query)).all()


async def earlier_case(tx: Tx, case: Case) -> tuple[Case, int] | None:
    """The newest accepted filing of the same subject and category in an earlier year, and how far that lies back."""
    now, then = aliased(Cycle), aliased(Cycle)
    query = (
        select(Case, col(now.year) - col(then.year))
        .join(then, col(then.cycle_id) == col(Case.cycle_id))
        .join(now, col(now.cycle_id) == case.cycle_id)
        .where(
            col(Case.subject_id) == case.subject_id,
            col(Case.subject_key) == case.subject_key,
            col(Case.category_key) == case.category_key,
            col(Case.rulebook_id) == case.rulebook_id,
            col(Case.accepted_at).is_not(None),
            col(then.year) < col(now.year),
        )
        .order_by(col(then.year).desc())
        .limit(1)
    )
    found = (await tx.session.exec(query)).first()
    return (found[0], int(found[1])) if found else None


async def case_of_subject(tx: Tx, category_id: UUID, subject_key: str) -> Case | None:
    """The case of a subject in a category that was not withdrawn."""
    query = select(Case).where(
        col(Case.category_id) == category_id,
        col(Case.subject_key) == subject_key,
        col(Case.state) != CaseState.WITHDRAWN.value,
    )
    return (await tx.session.exec(query)).one_or_none()


def stages_of_cases(case_ids: Collection[UUID]) -> Select[UUID]:
    """Names the stages in which these cases were opened, for another query."""
    return select_columns(col(Case.stage_id)).where(col(Case.case_id).in_(case_ids))


async def cases_by_id(tx: Tx, case_ids: Collection[UUID], *, update: bool = False) -> Sequence[Case]:
    """Those of the cases that exist, always in the same order, locked for a change when asked."""
    query = select(Case).where(col(Case.case_id).in_(case_ids)).order_by(col(Case.case_id))
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await tx.session.exec(query)).all()


async def next_place(tx: Tx, category_id: UUID) -> int:
    """The next number of a category; holds the counter until the transaction ends, so take it late."""
    return await next_places(tx, category_id, 1)


async def next_places(tx: Tx, category_id: UUID, count: int) -> int:
    """Take the next ``count`` numbers of a category; returns the last of them."""
    statement = insert(CaseCounter).values(category_id=category_id, last=count)
    taken = await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["category_id"], set_={"last": col(CaseCounter.last) + count}
        ).returning(col(CaseCounter.last))
    )
    return int(taken.scalar_one())


async def mark_fields(tx: Tx, case: Case, fields: Collection[str]) -> None:
    """Note who changed these fields at the case's version."""
    mark = {"version": case.version, "changed_at": tx.now, "changed_by": tx.actor.account_id}
    rows = [{"case_id": case.case_id, "field": field, **mark} for field in sorted(fields)]
    statement = insert(FieldMark).values(rows)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["case_id", "field"], set_=mark))


async def field_marks(tx: Tx, case_id: UUID) -> dict[str, FieldMark]:
    """Who changed each field of a case last."""
    found = await tx.session.exec(select(FieldMark).where(col(FieldMark.case_id) == case_id))
    return {mark.field: mark for mark in found}


async def enterprise_of(tx: Tx, enterprise_id: UUID) -> Enterprise:
    """The enterprise.

    Raises:
        NotFound: it is not registered.
    """
    found = await tx.session.get(Enterprise, enterprise_id)
    if found is None:
        raise NotFound("没有找到这家企业，请先由办公室登记。")
    return found


async def enterprises(tx: Tx, ids: Collection[UUID] | None = None) -> Sequence[Enterprise]:
    """Registered enterprises by name; only those named, if any are."""
    query = select(Enterprise).order_by(col(Enterprise.name))
    if ids is not None:
        query = query.where(col(Enterprise.enterprise_id).in_(list(ids)))
    return (await tx.session.exec(query)).all()


async def cycle_of(tx: Tx, cycle_id: UUID) -> Cycle | None:
    """The cycle as office opened it, if its fact has come in."""
    return await tx.session.get(Cycle, cycle_id)


async def running_stage_of(tx: Tx, category_id: UUID, kind: str) -> Stage | None:
    """This service's open or paused stage of a kind in a category."""
    query = select(Stage).where(
        col(Stage.category_id) == category_id,
        col(Stage.kind) == kind,
        col(Stage.state).in_([state.value for state in RUNNING]),
    )
    return (await tx.session.exec(query)).first()


async def stage_copies(tx: Tx, category_id: UUID) -> Sequence[StageCopy]:
    """All stages of a category that have begun, in the order they did."""
    query = select(StageCopy).where(col(StageCopy.category_id) == category_id).order_by(col(StageCopy.opens_at))
    return (await tx.session.exec(query)).all()


async def evidence_of(tx: Tx, case_id: UUID, *, state: str | None = None) -> Sequence[Evidence]:
    """Files of a case in the order announced."""
    query = select(Evidence).where(col(Evidence.case_id) == case_id).order_by(col(Evidence.evidence_id))
    if state is not None:
        query = query.where(col(Evidence.state) == state)
    return (await tx.session.exec(query)).all()


async def evidence_in_force(tx: Tx, case_ids: Collection[UUID]) -> Sequence[Evidence]:
    """Kept and held files of some cases in the order announced."""
    query = (
        select(Evidence)
        .where(col(Evidence.case_id).in_(case_ids), col(Evidence.state).in_(["kept", "held"]))
        .order_by(col(Evidence.evidence_id))
    )
    return (await tx.session.exec(query)).all()


async def evidence_file(tx: Tx, case_id: UUID, evidence_id: UUID, *, update: bool = False) -> Evidence:
    """One file of a case.

    Raises:
        NotFound: the case has no such file.
    """
    query = select(Evidence).where(col(Evidence.evidence_id) == evidence_id, col(Evidence.case_id) == case_id)
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await tx.session.exec(query)).one_or_none()
    if found is None:
        raise NotFound
    return found


async def bindings_of(tx: Tx, evidence_ids: Collection[UUID]) -> dict[UUID, list[EvidenceBinding]]:
    """What each file is bound to."""
    query = (
        select(EvidenceBinding)
        .where(col(EvidenceBinding.evidence_id).in_(list(evidence_ids)))
        .order_by(col(EvidenceBinding.figure))
    )
    found: dict[UUID, list[EvidenceBinding]] = {}
    for binding in (await tx.session.exec(query)).all():
        found.setdefault(binding.evidence_id, []).append(binding)
    return found


async def targets_of(tx: Tx, category_id: UUID) -> Sequence[Target]:
    """All recorded targets of a category."""
    query = select(Target).where(col(Target.category_id) == category_id).order_by(col(Target.enterprise_id))
    return (await tx.session.exec(query)).all()


async def target_of(tx: Tx, category_id: UUID, enterprise_id: UUID) -> Target | None:
    """The targets of one enterprise, if recorded."""
    return await tx.session.get(Target, (category_id, enterprise_id))


async def target_lock(tx: Tx, category_id: UUID) -> TargetLock | None:
    """The lock on a category's targets, if two persons have set it."""
    return await tx.session.get(TargetLock, category_id)


async def waivers_of(tx: Tx, case_id: UUID) -> dict[str, Waiver]:
    """The waived inconsistencies of a case, by digest."""
    found = await tx.session.exec(select(Waiver).where(col(Waiver.case_id) == case_id))
    return {one.digest: one for one in found}


async def investigations_of(tx: Tx, case_id: UUID) -> Sequence[Investigation]:
    """Findings about a case in the order recorded."""
    query = (
        select(Investigation)
        .where(col(Investigation.case_id) == case_id)
        .order_by(col(Investigation.recorded_at), col(Investigation.investigation_id))
    )
    return (await tx.session.exec(query)).all()


async def rectification_of(tx: Tx, case_id: UUID, *, state: str | None = None) -> Rectification | None:
    """The rectification of a case (the one in this state, if asked)."""
    query = select(Rectification).where(col(Rectification.case_id) == case_id)
    if state is not None:
        query = query.where(col(Rectification.state) == state)
    return (await tx.session.exec(query.order_by(col(Rectification.asked_at).desc()))).first()


async def open_rectifications(tx: Tx, stage_id: UUID, *, paused: bool) -> Sequence[Rectification]:
    """Open rectifications of a stage whose terms stand still, or run."""
    query = select(Rectification).where(
        col(Rectification.stage_id) == stage_id,
        col(Rectification.state) == "open",
        col(Rectification.paused_on).is_not(None) if paused else col(Rectification.paused_on).is_(None),
    )
    return (await tx.session.exec(query)).all()


async def decisions_of(tx: Tx, case_id: UUID) -> Sequence[Decision]:
    """Decisions on a case in order."""
    query = select(Decision).where(col(Decision.case_id) == case_id).order_by(col(Decision.decided_at))
    return (await tx.session.exec(query)).all()


async def departure_of(tx: Tx, case_id: UUID) -> Departure | None:
    """How the case left, if it did."""
    return await tx.session.get(Departure, case_id)


async def messages(tx: Tx, recipients: Collection[UUID], limit: int = 200) -> Sequence[tuple[Message, Case]]:
    """Messages to some enterprises with the cases they speak of, newest first."""
    query = (
        select(Message, Case)
        .join(Case, col(Case.case_id) == col(Message.case_id))
        .where(col(Message.recipient_id).in_(list(recipients)))
        .order_by(col(Message.sent_at).desc(), col(Message.notice_id).desc())
        .limit(limit)
    )
    return (await tx.session.exec(query)).all()


async def count_unread(tx: Tx, recipients: Collection[UUID]) -> int:
    """How many messages to some enterprises nobody has read."""
    query = select(func.count()).where(col(Message.recipient_id).in_(list(recipients)), col(Message.read_at).is_(None))
    return int((await tx.session.exec(query)).one())


async def unread_messages(tx: Tx, recipients: Collection[UUID]) -> Sequence[Message]:
    """Messages that nobody has read, locked."""
    query = select(Message).where(col(Message.recipient_id).in_(list(recipients)), col(Message.read_at).is_(None))
    return (await tx.session.exec(query.order_by(col(Message.notice_id)).with_for_update())).all()


async def rectifications_of(tx: Tx, case_id: UUID) -> Sequence[Rectification]:
    """All rectifications of a case in order."""
    query = select(Rectification).where(col(Rectification.case_id) == case_id).order_by(col(Rectification.asked_at))
    return (await tx.session.exec(query)).all()


async def closing_of(tx: Tx, stage_id: UUID) -> Closing | None:
    """The office's act to end the stage, if there was one."""
    return await tx.session.get(Closing, stage_id)


async def count_states(tx: Tx, category_id: UUID) -> dict[str, int]:
    """How many cases of a category are in each state."""
    query = select(col(Case.state), func.count()).where(col(Case.category_id) == category_id).group_by(col(Case.state))
    return {state: int(count) for state, count in (await tx.session.exec(query)).all()}


async def stale_evidence(tx: Tx, before: datetime, before_in_parts: datetime) -> Sequence[Evidence]:
    """Files announced before an instant (system time) and never finalised; large ones have an instant of their own."""
    query = (
        select(Evidence)
        .where(
            col(Evidence.state) == "waiting",
            or_(
                col(Evidence.announced_at) < before_in_parts,
                and_(col(Evidence.announced_at) < before, col(Evidence.upload_id).is_(None)),
            ),
        )
        .with_for_update(skip_locked=True)
        .limit(100)
    )
    return (await tx.session.exec(query)).all()


async def awaited_evidence(tx: Tx) -> Sequence[Evidence]:
    """Files that are still to come, or held until they are scanned, in the order announced."""
    query = select(Evidence).where(col(Evidence.state).in_(["waiting", "held"])).order_by(col(Evidence.evidence_id))
    return (await tx.session.exec(query)).all()


async def rectification_ends(tx: Tx, stage_id: UUID) -> dict[UUID, datetime]:
    """When the open rectifications of a stage end, by case."""
    query = select(col(Rectification.case_id), col(Rectification.closes_at)).where(
        col(Rectification.stage_id) == stage_id, col(Rectification.state) == "open"
    )
    return dict((await tx.session.exec(query)).all())


async def ticks_of(tx: Tx, case_id: UUID) -> dict[str, ChecklistTick]:
    """The points of the checklist that were looked at, by id."""
    found = await tx.session.exec(select(ChecklistTick).where(col(ChecklistTick.case_id) == case_id))
    return {one.point: one for one in found}


async def present_in(tx: Tx, case_id: UUID, since: datetime) -> Sequence[Presence]:
    """Who had a case open since an instant of system time, the last seen first."""
    query = (
        select(Presence)
        .where(col(Presence.case_id) == case_id, col(Presence.seen_at) >= since)
        .order_by(col(Presence.seen_at).desc())
    )
    return (await tx.session.exec(query)).all()


async def colleagues(tx: Tx) -> dict[UUID, str]:
    """The people of the office by account, as office names them; those who left too."""
    found = await tx.session.exec(select(Colleague).order_by(col(Colleague.name)))
    return {one.account_id: one.name for one in found}


async def assignable(tx: Tx) -> Sequence[Colleague]:
    """Who may be given work, by name."""
    query = select(Colleague).where(col(Colleague.active)).order_by(col(Colleague.name))
    return (await tx.session.exec(query)).all()


async def replace_colleagues(tx: Tx, listed: StaffList) -> None:
    """Take over the whole list, unless a later one has come in before."""
    newest = (await tx.session.exec(select(func.max(Colleague.listed_at)))).one()
    if newest is not None and newest >= listed.listed_at:
        return
    await tx.session.execute(delete(Colleague))
    tx.session.add_all([Colleague(**one.model_dump(), listed_at=listed.listed_at) for one in listed.people])


async def history_of(tx: Tx, case_id: UUID, after: int = 0) -> Sequence[Audit]:
    """What was done with a case after an audit row, oldest first."""
    query = select(Audit).where(col(Audit.case_id) == case_id, col(Audit.id) > after).order_by(col(Audit.id))
    return (await tx.session.execute(query)).scalars().all()


async def requests_of(tx: Tx, case_id: UUID) -> Sequence[InvestigationRequest]:
    """What departments were asked about a case, in order."""
    query = select(InvestigationRequest).where(col(InvestigationRequest.case_id) == case_id)
    return (await tx.session.exec(query.order_by(col(InvestigationRequest.asked_at)))).all()


async def requests_to(tx: Tx, departments: Collection[UUID]) -> Sequence[tuple[InvestigationRequest, Case]]:
    """What some departments were asked, with the case, the newest first."""
    query = (
        select(InvestigationRequest, Case)
        .join(Case, col(Case.case_id) == col(InvestigationRequest.case_id))
        .where(col(InvestigationRequest.department_id).in_(list(departments)))
        .order_by(col(InvestigationRequest.asked_at).desc())
    )
    return (await tx.session.exec(query)).all()
