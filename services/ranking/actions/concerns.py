"""A department's concern goes back to the committee: one member proposes a ruling, a second one confirms it."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ranking.actions.members import committee_of, unseen
from services.ranking.domain.confirming import may_stand_in
from services.ranking.store import cases_of, files_of, progress_of, replies_of, rulings_of
from services.ranking.tables import ConcernRuling
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.stages import stage_place, stage_row
from shared.infra.tables import Stage
from shared.infra.tickets import require_fresh
from shared.kernel.refusals import Conflict, NotAllowed, NotFound


class RulingGiven(BaseModel):
    """What is proposed about a case with a concern."""

    model_config = ConfigDict(extra="forbid")

    ruling: Literal["keep", "remove"]
    reason: str = Field(min_length=1, max_length=2000)


class RulingConfirmed(BaseModel):
    """The ruling that the second person saw; another one is not confirmed by mistake."""

    model_config = ConfigDict(extra="forbid")

    ruling: Literal["keep", "remove"]


async def unruled_concerns(tx: Tx, stage_id: UUID) -> list[UUID]:
    """Standing cases about which a department raised a concern without a ruling in force."""
    ruled = {case for case, one in (await rulings_of(tx, stage_id)).items() if one.ruled_at is not None}
    standing = {copy.case_id for copy in await cases_of(tx, stage_id) if copy.struck is None}
    concerned = {one.case_id for one in await replies_of(tx, stage_id) if one.reply == "concern"}
    return sorted((concerned & standing) - ruled, key=str)


async def propose_ruling(tx: Tx, stage_id: UUID, case_id: UUID, given: RulingGiven) -> dict[str, Any]:
    """Propose to keep or remove a case, with a reason; nothing changes before a second person confirms."""
    stage = await _open_stage(tx, stage_id)
    await _require_member(tx, stage, case_id)
    concerned = {one.case_id for one in await replies_of(tx, stage_id) if one.reply == "concern"}
    if case_id not in concerned - await unseen(tx):
        raise NotFound("没有部门对这个案件提出意见。")
    if case_id in await rulings_of(tx, stage_id):
        raise Conflict("already_ruled", "这个案件的意见已有裁定，或已有人提出，等待第二人确认。")
    if await _waits_for_scan(tx, stage_id, case_id):
        raise Conflict("file_held", "这条意见的附件正在等待查毒，查毒后才能阅看和裁定，请稍候再办。")
    row = ConcernRuling(
        stage_id=stage_id,
        case_id=case_id,
        ruling=given.ruling,
        reason=given.reason,
        proposed_by=tx.actor.account_id,
        proposed_at=tx.now,
    )
    tx.session.add(row)
    await tx.audit("concern.ruling_proposed", **stage_place(stage), case_id=case_id, **given.model_dump())
    return {"stage_id": stage_id, "case_id": case_id, "ruling": given.ruling, "in_force": False}


async def _waits_for_scan(tx: Tx, stage_id: UUID, case_id: UUID) -> bool:
    """Whether a file that came with a concern about the case cannot be read yet."""
    files = {(one.department_id, one.sha256): one.scan for one in await files_of(tx, stage_id)}
    given = [one for one in await replies_of(tx, stage_id) if one.case_id == case_id]
    return any(files.get((one.department_id, one.file_sha256 or "")) == "held" for one in given)


async def confirm_ruling(tx: Tx, stage_id: UUID, case_id: UUID, given: RulingConfirmed) -> dict[str, Any]:
    """The other co-chair confirms, freshly authenticated; in the place of one who stands aside, a member does."""
    require_fresh(tx)
    stage = await _open_stage(tx, stage_id)
    await _require_member(tx, stage, case_id)
    row = await _waiting(tx, stage_id, case_id)
    if row.proposed_by == tx.actor.account_id:
        raise Conflict("second_person", "须由另一位主任确认。")
    if row.ruling != given.ruling:
        raise Conflict("ruling_changed", "所提裁定已有变动，请核对最新内容后再确认。", field="ruling")
    row.ruled_by, row.ruled_at = tx.actor.account_id, tx.now
    tx.session.add(row)
    await tx.audit("concern.ruled", **stage_place(stage), case_id=case_id, ruling=row.ruling, reason=row.reason)
    await tx.nudge(stage_workflow_id(stage_id))
    return {"stage_id": stage_id, "case_id": case_id, "ruling": row.ruling, "in_force": True}


async def withdraw_ruling(tx: Tx, stage_id: UUID, case_id: UUID) -> dict[str, Any]:
    """A proposed ruling is taken back before it is confirmed."""
    stage = await _open_stage(tx, stage_id)
    await _require_member(tx, stage, case_id)
    row = await _waiting(tx, stage_id, case_id)
    await tx.session.delete(row)
    await tx.audit("concern.ruling_withdrawn", **stage_place(stage), case_id=case_id)
    return {"stage_id": stage_id, "case_id": case_id}


async def _waiting(tx: Tx, stage_id: UUID, case_id: UUID) -> ConcernRuling:
    row = (await rulings_of(tx, stage_id)).get(case_id)
    if row is None or case_id in await unseen(tx):
        raise NotFound("还没有人对这个案件提出裁定。")
    if row.ruled_at is not None:
        raise Conflict("already_ruled", "这个案件的意见已有裁定。")
    return row


async def _open_stage(tx: Tx, stage_id: UUID) -> Stage:
    stage = await stage_row(tx, stage_id, share=True)
    await tx.lock("rulings", stage_id)
    if stage.closed_at is not None or (await progress_of(tx, stage_id)).frozen_manifest is not None:
        raise Conflict("stage_closed", "最终名单已经确定，不能再裁定。")
    return stage


async def _require_member(tx: Tx, stage: Stage, case_id: UUID) -> None:
    """Co-chairs rule; other members only on a case from which a co-chair stands aside."""
    committee = await committee_of(tx, stage.category_id)
    me = next((one for one in committee if one.account_id == tx.actor.account_id), None)
    if me is None or not may_stand_in(me, committee, [case_id]):
        raise NotAllowed("部门的意见由两位主任裁定；只有主任回避的案件由其他成员代为办理。")
