"""What all acts on a case share: whose it is, its place for audit rows, its dossier, its workflow."""

from collections.abc import Collection, Iterator, Sequence
from typing import TypedDict
from uuid import UUID

from services.submission import store
from services.submission.domain.cases import CaseEvent, CaseState, after
from services.submission.tables import Case, Evidence, EvidenceBinding, Investigation
from shared.contracts.dossiers import ApplicationDossier, EvidenceItem, InvestigationItem, RaisedRule
from shared.contracts.names import application_workflow_id
from shared.contracts.subjects import CaseSubject
from shared.infra.database import Tx
from shared.infra.tables import Dossier
from shared.kernel.refusals import NotFound

READERS = frozenset({"office", "auditor"})


class CasePlace(TypedDict):
    """Where an audit row of a case belongs."""

    cycle_id: UUID
    category_id: UUID
    case_id: UUID


def case_place(case: Case) -> CasePlace:
    """Where an audit row of this case belongs."""
    return {"cycle_id": case.cycle_id, "category_id": case.category_id, "case_id": case.case_id}


def is_own(tx: Tx, case: Case) -> bool:
    """Whether the actor fills the case in: for its subject, or for the office a case that came on paper."""
    return case.subject_id in tx.actor.acts_for or (case.paper and "office" in tx.actor.roles)


def require_own(tx: Tx, case: Case) -> Case:
    """Refuse a case of somebody else as if it did not exist."""
    if not is_own(tx, case):
        raise NotFound
    return case


async def readable_case(tx: Tx, case_id: UUID) -> Case:
    """A case for its applicant, for the office or for an auditor; nobody else learns that it exists."""
    case = await store.case_of(tx, case_id)
    return case if tx.actor.roles & READERS else require_own(tx, case)


def move(tx: Tx, case: Case, event: CaseEvent) -> CaseState:
    """Take the case to its next state and version; refused where the state does not allow it."""
    state = after(CaseState(case.state), event)
    case.state = state
    case.version += 1
    tx.session.add(case)
    return state


async def end_work(tx: Tx, case: Case) -> None:
    """The case's workflow looks once more and ends."""
    workflow_id = application_workflow_id(case.case_id)
    await tx.nudge(workflow_id)
    await tx.finish_work(workflow_id)


async def put_case_dossier(tx: Tx, case: Case) -> str:
    """Keep the case as it stands now, findings included, as a dossier and remember its digest."""
    files = await evidence_items(tx, case.case_id)
    return await keep_dossier(tx, case, files, await store.investigations_of(tx, case.case_id))


async def keep_dossier(
    tx: Tx, case: Case, files: Sequence[EvidenceItem], findings: Sequence[Investigation] = ()
) -> str:
    """Keep a dossier of what was read already; before acceptance there are no findings."""
    case.dossier_digest = await tx.put_dossier(build_dossier(case, files, findings), "application")
    tx.session.add(case)
    return case.dossier_digest


def build_dossier(case: Case, files: Sequence[EvidenceItem], findings: Sequence[Investigation]) -> ApplicationDossier:
    """The case as it is handed over: figures, evidence, findings as corrected and what they raise."""
    findings = current_findings(findings)
    return ApplicationDossier(
        case_id=case.case_id,
        number=case.number or "",
        category_key=case.category_key,
        variant=case.variant,
        subject=CaseSubject.model_validate(case.subject),
        figures=case.entered,
        evidence=tuple(files),
        investigations=tuple(
            InvestigationItem(
                kind=one.kind,
                item=one.item,
                source=one.source,
                found_on=one.found_on,
                finding=one.finding,
                investigation_id=one.investigation_id,
                files=_finding_files(one),
            )
            for one in findings
        ),
        statement_version=case.statement_version,
        accepted_at=case.accepted_at or case.opened_at,
        vetoes=tuple(sorted({one.raises_veto for one in findings if one.raises_veto})),
        zero_conditions=tuple(sorted({one.raises_zero_condition for one in findings if one.raises_zero_condition})),
        official=case.official,
        raised=tuple(raised_by(findings)),
        paper=case.paper,
    )


def current_findings(findings: Sequence[Investigation]) -> list[Investigation]:
    """Those that no later record replaces."""
    replaced = {one.replaces for one in findings}
    return [one for one in findings if one.investigation_id not in replaced]


def _finding_files(one: Investigation) -> tuple[EvidenceItem, ...]:
    """The file kept with a finding; it lies in the evidence bucket like evidence, under ``<case_id>/<evidence_id>``."""
    return (EvidenceItem(kind="investigation", **one.file),) if one.file else ()


def raised_by(findings: Sequence[Investigation]) -> Iterator[RaisedRule]:
    """The vetoes and zero conditions that findings raise, each with where it comes from."""
    for one in findings:
        for kind, rule_id in (("veto", one.raises_veto), ("zero_condition", one.raises_zero_condition)):
            if rule_id:
                yield RaisedRule(
                    rule_id=rule_id,
                    kind=kind,
                    source=one.source,
                    found_on=one.found_on,
                    investigation_id=one.investigation_id,
                )


async def evidence_items(tx: Tx, case_id: UUID) -> tuple[EvidenceItem, ...]:
    """The files of a case in force. A file lies in the evidence bucket under ``<case_id>/<evidence_id>``; one that is
    still held until it is scanned has its digest already, but no version there."""
    return (await evidence_items_of(tx, [case_id])).get(case_id, ())


async def evidence_items_of(tx: Tx, case_ids: Collection[UUID]) -> dict[UUID, tuple[EvidenceItem, ...]]:
    """The files in force of each case that has any."""
    found: dict[UUID, list[EvidenceItem]] = {}
    for file, bound in await store.evidence_in_force(tx, case_ids):
        found.setdefault(file.case_id, []).append(_evidence_item(file, bound))
    return {case_id: tuple(items) for case_id, items in found.items()}


def _evidence_item(file: Evidence, bound: Sequence[EvidenceBinding]) -> EvidenceItem:
    return EvidenceItem(
        evidence_id=file.evidence_id,
        name=file.name,
        kind=file.kind,
        sha256=file.sha256 or "",
        size=file.size,
        version_id=file.version_id or "",
        figures=tuple(one.figure for one in bound),
        pages={one.figure: one.page for one in bound if one.page is not None},
    )


async def accepted_dossier(tx: Tx, case: Case) -> ApplicationDossier:
    """The case as it was when its receipt was given."""
    row = await tx.session.get(Dossier, case.receipt_digest)
    if row is None:
        raise LookupError(f"the accepted dossier of case {case.case_id} is gone")
    return ApplicationDossier.model_validate_json(row.content)
