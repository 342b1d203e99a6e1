"""Work on the desk that decides nothing: who handles a case, which points were looked at, who has it open."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete

from services.submission import store
from services.submission.actions.cases import case_place
from services.submission.actions.rules import category_of
from services.submission.domain import checklist
from services.submission.domain.cases import UNDECIDED, CaseEvent, CaseState, after
from services.submission.tables import Case, ChecklistTick, Colleague, Presence
from shared.infra.database import Tx
from shared.kernel.refusals import Conflict, Refusal

LEASE = timedelta(minutes=10)
"""So long is somebody who opened a case taken to be working on it."""


async def assign_case(tx: Tx, case_id: UUID, to: UUID | None, note: str = "") -> Case:
    """Give an undecided case to somebody of the office, to oneself, or to nobody; changes nothing about the case."""
    case = await store.case_of(tx, case_id, update=True)
    if CaseState(case.state) not in UNDECIDED:
        raise Conflict("case_state", "此案已有结论，不再分配经办人。")
    if to not in (None, tx.actor.account_id):
        colleague = await tx.session.get(Colleague, to)
        if colleague is None or not colleague.active:
            raise Refusal("unknown_colleague", "办公室没有这位人员。", field="assignee")
    before, case.assignee = case.assignee, to
    if before != to:
        tx.session.add(case)
        await tx.audit("case.assigned", **case_place(case), before=before, assignee=to, note=note)
    return case


async def _awaiting(tx: Tx, case_id: UUID) -> Case:
    """The case, locked, while it waits for the office's decision."""
    case = await store.case_of(tx, case_id, update=True)
    after(CaseState(case.state), CaseEvent.PASS)
    return case


async def tick_point(tx: Tx, case_id: UUID, point_id: str) -> ChecklistTick:
    """Say that a point of the checklist was looked at; the first who says so stays."""
    case = await _awaiting(tx, case_id)
    checklist.point_of(category_of(case), point_id)
    known = (await store.ticks_of(tx, case_id)).get(point_id)
    if known is not None:
        return known
    tick = ChecklistTick(case_id=case_id, point=point_id, ticked_at=tx.now, ticked_by=tx.actor.account_id)
    tx.session.add(tick)
    await tx.audit("checklist.ticked", **case_place(case), point=point_id)
    return tick


async def untick_point(tx: Tx, case_id: UUID, point_id: str) -> None:
    """Take a tick back before the decision."""
    case = await _awaiting(tx, case_id)
    checklist.point_of(category_of(case), point_id)
    known = (await store.ticks_of(tx, case_id)).get(point_id)
    if known is not None:
        await tx.session.delete(known)
        await tx.audit("checklist.unticked", **case_place(case), point=point_id)


async def clear_ticks(tx: Tx, case: Case) -> None:
    """What was handed in anew has to be looked at anew."""
    await tx.session.execute(delete(ChecklistTick).where(col(ChecklistTick.case_id) == case.case_id))


async def require_checklist(tx: Tx, case: Case) -> None:
    """Refuse to pass a case as long as a point of the checklist is open."""
    category = category_of(case)
    if category.checklist:
        checklist.require_all_ticked(category, await store.ticks_of(tx, case.case_id))


async def note_presence(tx: Tx, case_id: UUID) -> None:
    """Keep that the actor has the case open now (system time)."""
    if tx.actor.account_id is None:
        return
    here = insert(Presence).values(case_id=case_id, account_id=tx.actor.account_id, seen_at=tx.system_now)
    await tx.session.execute(
        here.on_conflict_do_update(index_elements=["case_id", "account_id"], set_={"seen_at": tx.system_now})
    )


async def end_presence(tx: Tx, case_id: UUID) -> None:
    """The actor is done with the case."""
    await tx.session.execute(
        delete(Presence).where(col(Presence.case_id) == case_id, col(Presence.account_id) == tx.actor.account_id)
    )
