"""组织调查、社会调查: what office and departments find about a case, item by item; nothing written is ever changed.

A correction is a new record that replaces the earlier one. Departments see only what they are asked about.
"""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import case_place
from services.submission.actions.notices import tell_department
from services.submission.actions.rules import book_of, category_of
from services.submission.actions.screening import require_not_closing
from services.submission.actions.stages import ENDED_BY_ACT
from services.submission.domain import filing
from services.submission.domain.cases import CaseEvent, CaseState, after
from services.submission.tables import Case, Investigation, InvestigationRequest
from shared.contracts.dossiers import INVESTIGATION_KINDS
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Conflict, NotFound, Refusal
from shared.rulebook import StageKind

KINDS = INVESTIGATION_KINDS
_WAIVER = "inconsistency"


@dataclass(frozen=True)
class Finding:
    """A finding of office or departments; it may name a veto or a zero condition of the scorecard."""

    kind: str
    source: str
    found_on: str
    finding: str
    item: str | None = None
    raises_veto: str | None = None
    raises_zero_condition: str | None = None


async def open_case(tx: Tx, case_id: UUID) -> Case:
    """The case, locked, while findings may still travel with it."""
    case = await store.case_of(tx, case_id, update=True)
    if case.manifest_id is not None:
        raise Conflict("handed_over", "此案已移交下一阶段，调查结论请按更正或取消资格办理。")
    if case.state not in (CaseState.ACCEPTED, CaseState.RECTIFYING, CaseState.PASSED):
        after(CaseState(case.state), CaseEvent.DISQUALIFY)
    if case.state == CaseState.PASSED:
        await _require_no_hand_over(tx, case)
    return case


async def _require_no_hand_over(tx: Tx, case: Case) -> None:
    """Refuse what would be written after the dossiers were put for the manifest: it would not travel."""
    for kind in ENDED_BY_ACT:
        stage = await store.running_stage_of(tx, case.category_id, kind)
        if stage is not None:
            await require_not_closing(tx, stage.stage_id)


async def record_investigation(
    tx: Tx, case_id: UUID, found: Finding, file: dict[str, Any] | None = None
) -> Investigation:
    """Write down a finding while the case is still here; it travels with the case's dossier."""
    case = await open_case(tx, case_id)
    investigation = _written(tx, case, found, file=file)
    await tx.audit("investigation.recorded", **case_place(case), kind=found.kind, item=found.item, source=found.source)
    return investigation


def _written(tx: Tx, case: Case, found: Finding, **more: Any) -> Investigation:
    _check_finding(case, found)
    investigation = Investigation(
        investigation_id=new_id(),
        case_id=case.case_id,
        recorded_at=tx.now,
        recorded_by=tx.actor.account_id,
        **asdict(found),
        **more,
    )
    tx.session.add(investigation)
    return investigation


async def correct_investigation(
    tx: Tx, case_id: UUID, investigation_id: UUID, found: Finding, file: dict[str, Any] | None = None
) -> Investigation:
    """Replace a record by a new one; the earlier stays readable, and can be replaced only once."""
    case = await open_case(tx, case_id)
    records = {one.investigation_id: one for one in await store.investigations_of(tx, case_id)}
    former = records.get(investigation_id)
    if former is None or former.kind == _WAIVER:
        raise NotFound("没有可以更正的这条记录。")
    if any(one.replaces == investigation_id for one in records.values()):
        raise Conflict("replaced", "这条记录已经更正过，请更正最新的一条。")
    more = {"replaces": investigation_id, "request_id": former.request_id, "file": file or former.file}
    investigation = _written(tx, case, found, **more)
    await tx.audit("investigation.corrected", **case_place(case), replaces=investigation_id, source=found.source)
    return investigation


def departments_of(case: Case) -> dict[UUID, str]:
    """The departments that the case's rulebook knows: those it consults."""
    names: dict[str, None] = {}
    for category in book_of(case).categories:
        stage = category.stage(StageKind.CONSULTATION)
        if stage is not None and stage.kind is StageKind.CONSULTATION:
            names |= dict.fromkeys(stage.params.departments)
    return {derived_id("department", name): name for name in names}


async def ask_department(
    tx: Tx, case_id: UUID, department_id: UUID, item: str | None, question: str
) -> InvestigationRequest:
    """Ask a department about a case, or about one item of it; it learns nothing else of the case."""
    case = await open_case(tx, case_id)
    known = departments_of(case)
    if department_id not in known:
        raise Refusal("unknown_department", "请选择协助调查的部门。", field="department")
    filing.require_reason(question, "question")
    _require_known(item, set(items_of(case)), "item", "计分项")
    request = InvestigationRequest(
        request_id=new_id(),
        case_id=case_id,
        department_id=department_id,
        department=known[department_id],
        item=item,
        question=question,
        asked_at=tx.now,
        asked_by=tx.actor.account_id,
    )
    tx.session.add(request)
    await tx.audit("investigation.asked", **case_place(case), department=known[department_id], item=item)
    await tell_department(tx, case, department_id, "investigation_asked")
    return request


async def own_request(tx: Tx, request_id: UUID) -> InvestigationRequest:
    """A question put to a department that the actor acts for; any other is not there."""
    request = await tx.session.get(InvestigationRequest, request_id)
    if request is None or request.department_id not in tx.actor.acts_for:
        raise NotFound
    return request


async def answer_request(
    tx: Tx, request_id: UUID, kind: str, found_on: str, finding: str, file: dict[str, Any] | None = None
) -> Investigation:
    """A department says what it found; answering again replaces its earlier answer."""
    request = await own_request(tx, request_id)
    case = await open_case(tx, request.case_id)
    found = Finding(kind, request.department, found_on, finding, request.item)
    earlier = [one for one in await store.investigations_of(tx, case.case_id) if one.request_id == request_id]
    last = earlier[-1].investigation_id if earlier else None
    investigation = _written(tx, case, found, request_id=request_id, replaces=last, file=file)
    request.answered_at = tx.now
    tx.session.add(request)
    await tx.audit("investigation.answered", **case_place(case), item=request.item, source=request.department)
    return investigation


def items_of(case: Case) -> dict[str, str]:
    """The items of the case's scorecard, by id."""
    card = category_of(case).scorecard
    return {item.id: item.name for group in card.groups for item in group.items} if card else {}


def _check_finding(case: Case, found: Finding) -> None:
    card = category_of(case).scorecard
    if found.kind not in KINDS:
        raise Refusal("invalid_request", "请选择调查方式。", field="kind")
    filing.require_reason(found.finding, "finding")
    filing.require_reason(found.source, "source")
    _require_known(found.item, set(items_of(case)), "item", "计分项")
    _require_known(found.raises_veto, {veto.id for veto in card.vetoes} if card else set(), "raises_veto", "否决情形")
    zeros = {zero.id for zero in card.zero_conditions} if card else set()
    _require_known(found.raises_zero_condition, zeros, "raises_zero_condition", "零分情形")


def _require_known(given: str | None, known: set[str], field: str, what: str) -> None:
    if given is not None and given not in known:
        raise Refusal("unknown_item", f"计分表中没有{what}“{given}”。", field=field)
