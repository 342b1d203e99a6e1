"""Ties of experts: recorded, contested, ruled on; on every late change the panels are looked at again.

A conflict known before the draw: the expert is not eligible for the panel. Found later: he leaves the whole panel.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.review import store
from services.review.actions.conflicts import conflicts_on, words_of
from services.review.actions.seats import leave_for_conflict
from services.review.domain.conflicts import RECORDED, Kind, Quoted, same_group
from services.review.domain.panel import CHANGING, VISIBLE, PanelState
from services.review.tables import Contest, Expert, ExpertTie, OrganisationGroup
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.kernel.credit_code import check_credit_code
from shared.kernel.refusals import Conflict, NotAllowed, NotFound, Refusal
from shared.kernel.stages import StageState


async def let_go_if_tied(tx: Tx, stage_id: UUID, only: UUID | None = None) -> list[UUID]:
    """Look again at a panel before its unsealing: who has a conflict now leaves it. Returns who left."""
    stage = await stage_row(tx, stage_id, update=True)
    panel = await store.panel(tx, stage_id, update=True)
    if StageState(stage.state) is not StageState.OPEN or PanelState(panel.state) not in CHANGING:
        return []
    found = {one.expert: one for one in reversed(await conflicts_on(tx, stage, only))}
    left = []
    for member in await store.members(tx, stage_id):
        if member.expert_id in found and member.state in VISIBLE:
            await leave_for_conflict(tx, stage, panel, member, words_of(found[member.expert_id]))
            left.append(member.expert_id)
    return left


async def look_again_everywhere(tx: Tx, expert_id: UUID) -> None:
    """Something about an expert changed: every panel he sits on is looked at again."""
    await tx.session.flush()
    for stage_id in await store.seated_panels(tx, expert_id):
        await let_go_if_tied(tx, stage_id, expert_id)


async def record_tie(tx: Tx, expert_id: UUID, kind: str, credit_code: str, evidence: str, until: date | None) -> UUID:
    """Record a tie of an expert to an organisation, with what shows it.

    What was contested and lifted is not recorded again by the same words; other evidence is another tie, which holds.
    """
    await _expert(tx, expert_id)
    if kind not in RECORDED:
        raise Refusal("unknown_kind", "请选择利害关系的类型。", field="kind")
    code = check_credit_code(credit_code)
    if await _is_lifted(tx, expert_id, (Kind(kind), code, evidence)):
        raise Conflict(
            "tie_lifted", "同一依据的利害关系经异议已解除；有新的情况的，请写明新的依据后再登记。", field="evidence"
        )
    row = ExpertTie(
        tie_id=new_id(),
        expert_id=expert_id,
        kind=kind,
        credit_code=code,
        evidence=evidence,
        until=until,
        recorded_by=tx.actor.account_id,
        recorded_at=tx.now,
    )
    tx.session.add(row)
    await tx.audit("tie.recorded", expert=expert_id, kind=kind, organisation=row.credit_code, evidence=evidence)
    await look_again_everywhere(tx, expert_id)
    return row.tie_id


async def record_group(tx: Tx, name: str, credit_codes: Sequence[str], evidence: str) -> None:
    """Record that organisations belong to one group; every running panel is looked at again."""
    for code in credit_codes:
        await tx.session.merge(OrganisationGroup(credit_code=check_credit_code(code), name=name, evidence=evidence))
    await tx.audit("group.recorded", name=name, organisations=list(credit_codes), evidence=evidence)
    await tx.session.flush()
    for panel in sorted(await store.panels(tx), key=lambda one: one.stage_id):
        if PanelState(panel.state) in CHANGING:
            await let_go_if_tied(tx, panel.stage_id)


async def _is_lifted(tx: Tx, expert_id: UUID, tie: Quoted) -> bool:
    kind, code, evidence = tie
    groups = await store.groups(tx)
    lifted = [store.quoted_by(one) for one in await store.contests(tx) if one.expert_id == expert_id and one.lifted]
    return any((kind, evidence) == (one[0], one[2]) and same_group(code, one[1], groups) for one in lifted)


async def contest(tx: Tx, expert_id: UUID, quoted: Quoted, reason: str) -> UUID:
    """Expert or office says that a conflict does not hold; until the office has ruled it holds."""
    await tx.lock("contests", expert_id)
    await _expert(tx, expert_id)
    kind, credit_code, evidence = quoted
    if kind in RECORDED:
        await _require_recorded(tx, expert_id, quoted)
    mine = [one for one in await store.contests(tx) if one.expert_id == expert_id]
    if any(store.quoted_by(one) == quoted and one.lifted is None for one in mine):
        raise Conflict("already_contested", "这一利害关系的异议正在处理。")
    row = Contest(
        contest_id=new_id(),
        expert_id=expert_id,
        kind=kind,
        credit_code=credit_code,
        evidence=evidence,
        reason=reason,
        contested_by=tx.actor.account_id,
        contested_at=tx.now,
    )
    tx.session.add(row)
    await tx.audit(
        "conflict.contested",
        expert=expert_id,
        kind=kind,
        organisation=credit_code,
        evidence=evidence,
        reason=reason,
    )
    return row.contest_id


async def _require_recorded(tx: Tx, expert_id: UUID, quoted: Quoted) -> None:
    kind, code, evidence = quoted
    groups = await store.groups(tx)
    ties = [one for one in await store.ties_of(tx, expert_id) if (one.kind, one.evidence) == (kind, evidence)]
    if not any(same_group(one.credit_code, code, groups) for one in ties):
        raise NotFound("没有登记这一利害关系。")


async def contest_own(tx: Tx, tie_id: UUID, reason: str) -> UUID:
    """An expert says that a tie recorded of him does not hold."""
    own = (await store.expert_acting(tx)).expert_id
    tie = next((one for one in await store.ties_of(tx, own) if one.tie_id == tie_id), None)
    if tie is None:
        raise NotFound("没有登记这一利害关系。")
    return await contest(tx, own, (Kind(tie.kind), tie.credit_code, tie.evidence), reason)


async def rule(tx: Tx, contest_id: UUID, *, lifted: bool, reason: str) -> None:
    """The office rules on a contested conflict with a reason; not the person who contested it."""
    row = await tx.session.get(Contest, contest_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.lifted is not None:
        raise Conflict("already_ruled", "这一异议已经处理。")
    if row.contested_by == tx.actor.account_id:
        raise NotAllowed("提出异议的本人不能裁定。", "same_person")
    row.lifted, row.ruling, row.ruled_by, row.ruled_at = lifted, reason, tx.actor.account_id, tx.now
    tx.session.add(row)
    await tx.audit("conflict.ruled", expert=row.expert_id, kind=row.kind, lifted=lifted, reason=reason)


async def _expert(tx: Tx, expert_id: UUID) -> Expert:
    expert = await tx.session.get(Expert, expert_id)
    if expert is None:
        raise NotFound("专家库中没有这位专家。")
    return expert
