"""Zero conditions and vetoes: facts of a case, raised with a source, ruled on once, applied to every sheet."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.own import own_case
from services.review.actions.seats import require_running
from services.review.domain.findings import Applied, FindingState, applied_to, raisable, require_ruling
from services.review.domain.panel import PanelState, require_state
from services.review.rulebooks import category_of
from services.review.tables import CaseCopy, Finding
from shared.contracts.names import stage_workflow_id
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import stage_place
from shared.infra.tables import Stage
from shared.infra.tickets import require_fresh
from shared.kernel.refusals import Conflict, NotAllowed, NotFound
from shared.web.rights import Role

RAISING = (Role.OFFICE, Role.REVIEW_CHAIR, Role.SUPERVISOR)
_OPEN_TO_FINDINGS = (
    PanelState.POOLING,
    PanelState.FROZEN,
    PanelState.UNDERTAKING,
    PanelState.SCORING,
    PanelState.SHORT,
    PanelState.SEALED,
)


async def raise_by_expert(tx: Tx, case_id: UUID, rule_id: str, source: str, found_on: date | None) -> dict[str, Any]:
    """An expert raises a finding on a case of the own."""
    own = await own_case(tx, case_id)
    stage = await require_running(tx, own.case.stage_id)
    return await _raise(tx, stage, own.case, rule_id, "expert", source, found_on)


async def raise_on_panel(
    tx: Tx, stage_id: UUID, case_id: UUID, rule_id: str, source: str, found_on: date | None
) -> dict[str, Any]:
    """Office, chair or supervisor raise a finding on any case under review."""
    stage = await require_running(tx, stage_id)
    case = await tx.session.get(CaseCopy, (stage_id, case_id))
    if case is None or case.standing != "standing":
        raise NotFound
    raised_as = next(str(role) for role in RAISING if role in tx.actor.roles)
    return await _raise(tx, stage, case, rule_id, raised_as, source, found_on)


async def _raise(
    tx: Tx, stage: Stage, case: CaseCopy, rule_id: str, raised_as: str, source: str, found_on: date | None
) -> dict[str, Any]:
    panel = await store.panel(tx, stage.stage_id, share=True)
    require_state(PanelState(panel.state), *_OPEN_TO_FINDINGS)
    rule = raisable(category_of(stage), case.dossier["variant"], rule_id)
    row = Finding(
        finding_id=new_id(),
        stage_id=stage.stage_id,
        case_id=case.case_id,
        kind=rule.kind,
        rule_id=rule_id,
        raised_as=raised_as,
        source=source,
        found_on=found_on.isoformat() if found_on else None,
        raised_by=tx.actor.account_id,
        raised_at=tx.now,
        state=FindingState.RAISED,
    )
    if not await store.keep_finding(tx, row):
        raise Conflict("already_raised", "这一情形已经就本案提出，等待或已经裁定。", field="rule_id")
    place = stage_place(stage)
    await tx.audit("finding.raised", **place, case_id=case.case_id, kind=rule.kind, rule=rule_id, source=source)
    return {"finding_id": row.finding_id, "state": row.state}


async def take_over_findings(tx: Tx, stage: Stage, cases: Sequence[CaseCopy]) -> None:
    """What an investigation raised comes with the dossier."""
    for case in cases:
        for raised in case.dossier.get("raised", ()):
            row = Finding(
                finding_id=new_id(),
                stage_id=stage.stage_id,
                case_id=case.case_id,
                kind=raised["kind"],
                rule_id=raised["rule_id"],
                raised_as="investigation",
                source=raised["source"],
                found_on=raised["found_on"],
                investigation_id=UUID(raised["investigation_id"]),
                raised_at=tx.now,
                state=FindingState.RAISED,
            )
            await store.keep_finding(tx, row)


async def rule_on(tx: Tx, finding_id: UUID, *, upheld: bool, article: str, reason: str) -> dict[str, Any]:
    """The chair rules, once, with article and reason; the office has to confirm."""
    require_fresh(tx)
    if Role.REVIEW_CHAIR not in tx.actor.roles:
        raise NotAllowed
    stage, row = await _finding(tx, finding_id)
    if row.state != FindingState.RAISED:
        raise Conflict("already_ruled", "这一情形已经裁定。")
    require_ruling(article, reason)
    row.state, row.upheld, row.article, row.reason = FindingState.RULED, upheld, article, reason
    row.ruled_by, row.ruled_at = tx.actor.account_id, tx.now
    tx.session.add(row)
    place = stage_place(stage)
    await tx.audit(
        "finding.ruled", **place, case_id=row.case_id, rule=row.rule_id, upheld=upheld, article=article, reason=reason
    )
    return {"finding_id": finding_id, "state": row.state}


async def confirm_ruling(tx: Tx, finding_id: UUID, *, agrees: bool, reason: str | None) -> dict[str, Any]:
    """The office confirms the chair's ruling, or sends it back with a reason; never the person who ruled."""
    require_fresh(tx)
    if Role.OFFICE not in tx.actor.roles:
        raise NotAllowed
    stage, row = await _finding(tx, finding_id)
    if row.state != FindingState.RULED:
        raise Conflict("not_ruled", "这一情形没有待确认的裁定。")
    if row.ruled_by == tx.actor.account_id:
        raise NotAllowed("裁定须由另一人确认。", "same_person")
    if agrees:
        row.state, row.confirmed_by, row.confirmed_at = FindingState.CONFIRMED, tx.actor.account_id, tx.now
    else:
        require_ruling("—", reason or "")
        row.state, row.upheld, row.article, row.reason = FindingState.RAISED, None, None, None
        row.ruled_by = row.ruled_at = None
    tx.session.add(row)
    what = "finding.confirmed" if agrees else "finding.sent_back"
    await tx.audit(what, **stage_place(stage), case_id=row.case_id, rule=row.rule_id, reason=reason)
    await tx.nudge(stage_workflow_id(row.stage_id))
    return {"finding_id": finding_id, "state": row.state}


async def _finding(tx: Tx, finding_id: UUID) -> tuple[Stage, Finding]:
    found = await tx.session.get(Finding, finding_id)
    if found is None:
        raise NotFound
    stage = await require_running(tx, found.stage_id)
    panel = await store.panel(tx, found.stage_id, update=True)
    require_state(PanelState(panel.state), *_OPEN_TO_FINDINGS)
    row = await tx.session.get(Finding, finding_id, populate_existing=True)
    return stage, row or found


async def open_findings(tx: Tx, stage_id: UUID) -> list[Finding]:
    """Findings on standing cases that are not ruled on and confirmed."""
    standing = {case.case_id for case in await store.standing_cases(tx, stage_id)}
    return [
        one
        for one in await store.findings(tx, stage_id)
        if one.state != FindingState.CONFIRMED and one.case_id in standing
    ]


async def applied(tx: Tx, stage_id: UUID) -> dict[UUID, Applied]:
    """What holds for every sheet of a case: its upheld and confirmed findings."""
    rows = [one for one in await store.findings(tx, stage_id) if one.state == FindingState.CONFIRMED and one.upheld]
    cases = {one.case_id for one in rows}
    return {
        case: applied_to([(one.kind, one.rule_id, one.article or "") for one in rows if one.case_id == case])
        for case in cases
    }
