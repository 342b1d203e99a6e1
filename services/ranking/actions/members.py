"""The guidance committee: who has which place, who stands aside from which case and what they see then."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ranking.domain import confirming
from services.ranking.store import (
    case_of,
    decisions_of,
    meeting_of,
    members_of,
    progress_of,
    recusals_of,
    recused_cases,
    rows,
)
from services.ranking.tables import Member, Recusal
from shared.infra.database import Tx
from shared.infra.stages import stage_place, stage_row
from shared.infra.tables import Stage
from shared.kernel.refusals import Conflict, NotFound, Refusal

CO_CHAIRS = 2
COMMITTEE = frozenset({"co_chair", "guidance"})


class Place(BaseModel):
    """The label of a seat, such as 甲; no name."""

    model_config = ConfigDict(extra="forbid")

    seat: str = Field(min_length=1, max_length=20, pattern=r"^\S+$")


class PlaceGivenUp(Place):
    """A place that the office takes back, and why."""

    reason: str = Field(min_length=1, max_length=500)


class Aside(BaseModel):
    """A seat stands aside from a case; a member names no seat but their own."""

    model_config = ConfigDict(extra="forbid")

    case: UUID
    reason: str = Field(min_length=1, max_length=500)
    seat: str | None = Field(default=None, min_length=1, max_length=20)


async def take_place(tx: Tx, given: Place) -> dict[str, Any]:
    """A member says which seat of the committee is theirs, once; there are two seats of co-chairs."""
    await tx.lock("members")
    assert tx.actor.account_id is not None, "only persons have a place"
    if await tx.session.get(Member, tx.actor.account_id) is not None:
        raise Conflict("already_placed", "您已登记席位；登记有误的，由办公室撤销后重新登记。")
    role = "co_chair" if "co_chair" in tx.actor.roles else "guidance"
    members = await members_of(tx)
    if await rows(tx, Member, Member.seat == given.seat):
        raise Conflict("seat_taken", f"席位“{given.seat}”已有人登记。", field="seat")
    if role == "co_chair" and sum(one.role == role for one in members) >= CO_CHAIRS:
        raise Conflict("two_co_chairs", "两位主任的席位都已登记。", field="seat")
    tx.session.add(Member(account_id=tx.actor.account_id, seat=given.seat, role=role, taken_at=tx.now))
    await tx.audit("member.placed", seat=given.seat, role=role)
    return {"seat": given.seat, "role": role}


async def release_place(tx: Tx, given: PlaceGivenUp) -> dict[str, Any]:
    """The office takes back a place that was registered wrongly; recusals stay with the seat."""
    await tx.lock("members")
    found = next((one for one in await members_of(tx) if one.seat == given.seat), None)
    if found is None:
        raise NotFound("没有登记这个席位。")
    await tx.session.delete(found)
    await tx.audit("member.released", seat=given.seat, account=found.account_id, reason=given.reason)
    return {"seat": given.seat}


async def own_place(tx: Tx) -> Member | None:
    """The place of whoever acts."""
    return None if tx.actor.account_id is None else await tx.session.get(Member, tx.actor.account_id)


async def unseen(tx: Tx) -> frozenset[UUID]:
    """The cases that do not exist for whoever acts: their seat stands aside from them.

    A member without a place is shown nothing, because nobody could know yet what they must not see.
    """
    if tx.actor.account_id is None:
        return frozenset()
    if tx.actor.roles & COMMITTEE and await own_place(tx) is None:
        raise Refusal("no_place", "请先登记您在指导委员会的席位。", field="seat")
    return await recused_cases(tx, tx.actor.account_id)


async def require_seen(tx: Tx, case_id: UUID) -> None:
    """Refuse a case from which the actor stands aside, as one that does not exist."""
    if case_id in await unseen(tx):
        raise NotFound("本阶段没有这个案件。")


async def stand_aside(tx: Tx, stage_id: UUID, given: Aside) -> dict[str, Any]:
    """A member stands aside from a case, or the office records that a seat does; at once nothing of it is shown."""
    stage = await stage_row(tx, stage_id)
    await tx.lock("decisions", stage_id)
    await require_seen(tx, given.case)
    await case_of(tx, stage_id, given.case)
    seat = await _seat_meant(tx, stage, given.seat)
    if await tx.session.get(Recusal, (given.case, seat)) is not None:
        raise Conflict("already_recused", f"席位“{seat}”已回避此案。", field="seat")
    tx.session.add(
        Recusal(
            case_id=given.case,
            seat=seat,
            category_id=stage.category_id,
            reason=given.reason,
            recorded_by=tx.actor.account_id,
            recorded_at=tx.now,
        )
    )
    await tx.audit("member.recused", **stage_place(stage), case_id=given.case, seat=seat, reason=given.reason)
    await _undo_own_decision(tx, stage, given.case, seat)
    return {"seat": seat}


async def _seat_meant(tx: Tx, stage: Stage, named: str | None) -> str:
    own = await own_place(tx)
    if own is not None and named in (None, own.seat):
        return own.seat
    if named is None or "office" not in tx.actor.roles:
        raise Refusal("unknown_seat", "成员只能登记自己的回避；他人的回避由办公室登记。", field="seat")
    meeting = await meeting_of(tx, stage.stage_id)
    present = {one["seat"] for one in meeting.attendance} if meeting else set()
    if named not in present | {one.seat for one in await members_of(tx)}:
        raise Refusal("unknown_seat", f"回避的席位“{named}”没有登记，也不在出席名单中。", field="seat")
    return named


async def _undo_own_decision(tx: Tx, stage: Stage, case_id: UUID, seat: str) -> None:
    """What somebody decided before they stood aside is to be decided anew, as long as it is not confirmed."""
    decision = (await decisions_of(tx, stage.stage_id)).get(case_id)
    member = next((one for one in await members_of(tx) if one.seat == seat), None)
    open_still = (await progress_of(tx, stage.stage_id)).completed_at is None
    if decision is not None and member is not None and decision.decided_by == member.account_id and open_still:
        await tx.session.delete(decision)
        await tx.audit("decision.taken_back", **stage_place(stage), case_id=case_id, reason="作出决定的成员已回避")


async def come_back(tx: Tx, stage_id: UUID, given: Aside) -> dict[str, Any]:
    """The office lifts a recusal that turned out wrong, with a reason."""
    stage = await stage_row(tx, stage_id)
    await tx.lock("decisions", stage_id)
    found = await tx.session.get(Recusal, (given.case, given.seat or ""))
    if found is None or found.category_id != stage.category_id:
        raise NotFound("没有登记这项回避。")
    await tx.session.delete(found)
    await tx.audit(
        "member.recusal_lifted", **stage_place(stage), case_id=given.case, seat=found.seat, reason=given.reason
    )
    return {"seat": found.seat}


async def committee_of(tx: Tx, category_id: UUID) -> list[confirming.Member]:
    """The committee as the rules see it, with what each stands aside from in a category."""
    aside: dict[str, set[UUID]] = {}
    for one in await recusals_of(tx, category_id):
        aside.setdefault(one.seat, set()).add(one.case_id)
    return [
        confirming.Member(one.account_id, one.role == "co_chair", frozenset(aside.get(one.seat, ())))
        for one in await members_of(tx)
    ]


async def recusals_shown(tx: Tx, category_id: UUID, hidden: frozenset[UUID]) -> list[dict[str, Any]]:
    """Who stands aside from what, without what the reader does not see."""
    return [
        {"seat": one.seat, "case": str(one.case_id), "reason": one.reason}
        for one in await recusals_of(tx, category_id)
        if one.case_id not in hidden
    ]


def members_shown(members: Sequence[Member]) -> list[dict[str, Any]]:
    """Places of the committee for people and programs; an account is told by its last characters."""
    return [
        {"seat": one.seat, "role": one.role, "account": str(one.account_id)[-6:], "taken_at": one.taken_at.isoformat()}
        for one in members
    ]


async def seats_to_name(tx: Tx, stage: Stage) -> list[str]:
    """Every seat of whom a recusal can be recorded."""
    meeting = await meeting_of(tx, stage.stage_id)
    present = [str(one["seat"]) for one in meeting.attendance] if meeting else []
    return sorted({*present, *(one.seat for one in await members_of(tx))})
