"""Seats that fell empty after a list was fixed: opened by a fact, filled by both co-chairs' new decision."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.dialects.postgresql import insert

from services.ranking.actions.decisions import shortlist_line
from services.ranking.actions.members import committee_of, unseen
from services.ranking.actions.minutes import CONFIRMED_AS, keep_minute
from services.ranking.domain.confirming import may_stand_in
from services.ranking.domain.seats import check_filling, next_in_line
from services.ranking.rules import rules_of
from services.ranking.store import (
    case_of,
    decision_stage,
    decisions_of,
    entries_of,
    final_entries,
    minute_of,
    ranked_among,
    seats_of,
)
from services.ranking.tables import RankedEntry, Seat
from shared.contracts.dossiers import ManifestEntry
from shared.contracts.facts import NoticeDue, SeatFilled
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.manifests import freeze_manifest
from shared.infra.stages import stage_place
from shared.infra.tables import Stage
from shared.infra.tickets import require_fresh
from shared.kernel.calendar import CHINA_TIME
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Conflict, NotAllowed, NotFound

OPEN, PROPOSED, FILLED = "open", "proposed", "filled"


class Filling(BaseModel):
    """Who is proposed for an empty seat, and why; the reason may be left out for the next in rank order."""

    model_config = ConfigDict(extra="forbid")

    case: UUID
    reason: str | None = Field(default=None, max_length=2000)


async def open_seat(tx: Tx, stage: Stage, vacated_by: UUID, cause: str) -> None:
    """A place of the list fell empty; once a case. It stays empty unless the committee fills it."""
    values = {
        "seat_id": derived_id("seat", stage.category_id, vacated_by),
        "cycle_id": stage.cycle_id,
        "category_id": stage.category_id,
        "vacated_by": vacated_by,
        "cause": cause,
        "opened_at": tx.now,
        "state": OPEN,
    }
    written = await tx.session.execute(
        insert(Seat).values(**values).on_conflict_do_nothing().returning(Seat.seat_id)  # type: ignore[call-overload]
    )
    if written.one_or_none() is None:
        return
    await tx.audit("seat.opened", **stage_place(stage), case_id=vacated_by, cause=cause)
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            notice_id=new_id(),
            recipient_kind="role",
            recipient_role="co_chair",
            template="seat_open",
            stage_title="研究决定",
            link="/committee",
        )
    )


async def vacate(tx: Tx, category_id: UUID, case_id: UUID, cause: str) -> None:
    """A case left the final list; its line is struck and its seat falls empty where there is a quota."""
    await tx.lock("seats", category_id)
    struck = [one for one in await final_entries(tx, category_id) if one.case_id == case_id and one.struck is None]
    for entry in struck:
        entry.struck = cause
        tx.session.add(entry)
        await tx.audit(
            "final_entry.struck", category_id=category_id, stage_id=entry.stage_id, case_id=case_id, cause=cause
        )
    if struck:
        stage = await decision_stage(tx, category_id)
        if rules_of(stage).quota.count is not None and not rules_of(stage).recommends:
            await open_seat(tx, stage, case_id, cause)


async def propose(tx: Tx, category_id: UUID, given: Filling) -> dict[str, Any]:
    """One co-chair proposes who fills the oldest empty seat; anyone but the next in rank order needs a reason."""
    if "co_chair" not in tx.actor.roles:
        raise NotAllowed("空缺席位的递补由主任提出。")
    await tx.lock("seats", category_id)
    stage = await decision_stage(tx, category_id)
    seat = await _seat_in(tx, category_id, OPEN)
    candidates, chosen = await _candidates(tx, stage, seat), given.case
    check_filling(chosen, next_in_line(candidates), [one.case_id for one in candidates], given.reason)
    seat.state, seat.proposed_case, seat.proposed_reason = PROPOSED, chosen, given.reason
    seat.proposed_by, seat.proposed_at = tx.actor.account_id, tx.now
    tx.session.add(seat)
    await tx.audit("seat.proposed", **stage_place(stage), case_id=chosen, reason=given.reason)
    return {"seat_id": seat.seat_id, "state": seat.state, "case": chosen}


async def _seat_in(tx: Tx, category_id: UUID, state: str) -> Seat:
    hidden = await unseen(tx)
    waiting = [one for one in await seats_of(tx, category_id) if one.state in (OPEN, PROPOSED)]
    seats = [one for one in waiting if not {one.vacated_by, one.proposed_case} & hidden]
    if not seats:
        raise NotFound("这个项目没有空缺的席位。")
    for seat in seats:
        if seat.state == state:
            return seat
    wanted = "已有人提出递补，请由另一位主任确认。" if state == OPEN else "还没有人提出递补。"
    raise Conflict("seat_state", wanted)


async def _candidates(tx: Tx, stage: Stage, seat: Seat) -> list[RankedEntry]:
    """Ranked cases of the seat's class that are on no list, best first."""
    entries = await entries_of(tx, stage.stage_id)
    division = next((one.division for one in entries if one.case_id == seat.vacated_by), None)
    decided, hidden = await decisions_of(tx, stage.stage_id), await unseen(tx)
    others = [one for one in await seats_of(tx, stage.category_id) if one.seat_id != seat.seat_id]
    taken = {one.proposed_case for one in others if one.state in (PROPOSED, FILLED)}
    return [
        one
        for one in entries
        if one.rank is not None
        and one.division == division
        and one.case_id not in taken
        and one.case_id not in hidden
        and decided[one.case_id].outcome == "not_shortlisted"
    ]


async def withdraw_proposal(tx: Tx, category_id: UUID) -> dict[str, Any]:
    """A proposal is taken back before it is confirmed."""
    await tx.lock("seats", category_id)
    seat = await _seat_in(tx, category_id, PROPOSED)
    await tx.audit("seat.proposal_withdrawn", category_id=category_id, case_id=seat.proposed_case)
    seat.state, seat.proposed_case, seat.proposed_reason, seat.proposed_by = OPEN, None, None, None
    tx.session.add(seat)
    return {"seat_id": seat.seat_id, "state": seat.state}


async def confirm_filling(tx: Tx, category_id: UUID) -> dict[str, Any]:
    """The other co-chair confirms: a supplement with its own minute and manifest, its consultation follows."""
    require_fresh(tx)
    await tx.lock("seats", category_id)
    stage, seat = await decision_stage(tx, category_id), await _seat_in(tx, category_id, PROPOSED)
    if seat.proposed_by == tx.actor.account_id:
        raise Conflict("second_person", "须由另一位主任确认。")
    await _require_second(tx, stage, seat)
    candidates = await _candidates(tx, stage, seat)
    entry = next((one for one in candidates if one.case_id == seat.proposed_case), None)
    if entry is None:
        raise Conflict("case_struck", "所提案件已不在排序中，请另提。")
    # Whoever proposed may stand aside from the case that is next in line, and was not asked for a reason.
    ids = [one.case_id for one in candidates]
    check_filling(entry.case_id, next_in_line(candidates), ids, seat.proposed_reason)
    seat.supplement = 1 + max((one.supplement or 0 for one in await seats_of(tx, category_id)), default=0)
    seat.state, seat.filled_by, seat.filled_at = FILLED, tx.actor.account_id, tx.now
    await _keep_seat_minute(tx, stage, seat, entry)
    await _hand_over(tx, stage, seat, entry)
    return {"seat_id": seat.seat_id, "state": seat.state, "supplement": seat.supplement}


async def _require_second(tx: Tx, stage: Stage, seat: Seat) -> None:
    """The other co-chair confirms; in the place of one who stands aside from the case, a member does."""
    committee = await committee_of(tx, stage.category_id)
    me = next((one for one in committee if one.account_id == tx.actor.account_id), None)
    if me is None or not may_stand_in(me, committee, [one for one in (seat.proposed_case,) if one is not None]):
        raise NotAllowed("须由另一位主任确认；主任回避此案的，由其他成员代为确认。")


async def _hand_over(tx: Tx, stage: Stage, seat: Seat, entry: RankedEntry) -> None:
    copy = await case_of(tx, stage.stage_id, entry.case_id)
    line = shortlist_line(stage, entry, copy, 1)
    digest = await tx.put_dossier(line, "list-line")
    listed = ManifestEntry(
        case_id=entry.case_id, number=entry.number, dossier_digest=digest, subject=line.subject, variant=copy.variant
    )
    seat.manifest_id, seat.manifest_digest, _ = await freeze_manifest(tx, stage, [listed])
    tx.session.add(seat)
    place = {**stage_place(stage), "case_id": entry.case_id}
    await tx.audit("seat.filled", **place, supplement=seat.supplement, public=seat.manifest_digest)
    await tx.emit(
        SeatFilled(
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            case_id=entry.case_id,
            supplement=seat.supplement or 0,
            manifest_id=seat.manifest_id,
            manifest_digest=seat.manifest_digest,
        )
    )


async def _keep_seat_minute(tx: Tx, stage: Stage, seat: Seat, entry: RankedEntry) -> None:
    rules, today = rules_of(stage), tx.now.astimezone(CHINA_TIME).date()
    second = "co_chair" if "co_chair" in tx.actor.roles else "guidance"
    content = {
        "heading": f"{rules.rulebook.short_title}指导委员会会议纪要（递补）",
        "issuer": rules.rulebook.issuer,
        "issued_on": today,
        "held_on": today,
        "place": "书面研究",
        "present": ["指导委员会主任（提出）", "第二人（确认）"],
        "recused": [],
        "item": f"研究决定“{rules.category.name}”空缺席位的递补",
        "paragraphs": ["名单中一席空缺，按本次决定递补，另行征求意见并公示。"],
        "decisions": [
            {
                "subject": f"{entry.number} {entry.name}",
                "outcome": "递补",
                "reason": seat.proposed_reason or f"第{entry.rank}名，按排序递补",
            }
        ],
        "confirmations": [
            {"name": f"账号 {str(account)[-6:]}", "role": role, "at": at}
            for account, role, at in (
                (seat.proposed_by, "指导委员会主任", seat.proposed_at),
                (seat.filled_by, CONFIRMED_AS[second], seat.filled_at),
            )
        ],
    }
    await keep_minute(tx, stage, seat.seat_id, seat.supplement or 0, content)


async def unwritten_minute(tx: Tx, category_id: UUID, supplement: int) -> UUID | None:
    """The seat whose minute has no PDF yet, for a supplement's first step."""
    if supplement == 0:
        return None
    seat = next((one for one in await seats_of(tx, category_id) if one.supplement == supplement), None)
    minute = await minute_of(tx, seat.seat_id) if seat is not None else None
    return seat.seat_id if seat is not None and minute is not None and minute.pdf_key is None else None


async def candidates_shown(tx: Tx, seat: Seat) -> list[dict[str, Any]]:
    """Who may fill an open seat, best first, as far as the reader sees them."""
    if seat.state != OPEN:
        return []
    stage = await decision_stage(tx, seat.category_id)
    found = await _candidates(tx, stage, seat)
    following = next_in_line(found)
    seen = ranked_among(await entries_of(tx, stage.stage_id), await unseen(tx))
    ranks = {one.case_id: one.rank for one in seen}
    return [
        {
            "case_id": str(one.case_id),
            "number": one.number,
            "name": one.name,
            "rank": ranks[one.case_id],
            "next": one.case_id in following and len(following) == 1,
        }
        for one in found
    ]


async def names_of(tx: Tx, seat: Seat) -> dict[str, str | None]:
    """Whose seat it was, and who is proposed for it."""
    stage = await decision_stage(tx, seat.category_id)
    ranked = {one.case_id: one.name for one in await entries_of(tx, stage.stage_id)}
    return {
        "vacated_name": ranked.get(seat.vacated_by),
        "proposed_name": ranked.get(seat.proposed_case) if seat.proposed_case else None,
    }


def seats_shown(seats: Sequence[Seat]) -> list[dict[str, Any]]:
    """Seats for people and programs."""
    return [
        {
            "seat_id": str(one.seat_id),
            "category_id": str(one.category_id),
            "state": one.state,
            "cause": one.cause,
            "vacated_by": str(one.vacated_by),
            "opened_at": one.opened_at.isoformat(),
            "supplement": one.supplement,
            "proposed_case": str(one.proposed_case) if one.proposed_case else None,
            "proposed_reason": one.proposed_reason,
            "proposed_by": str(one.proposed_by) if one.proposed_by else None,
        }
        for one in seats
    ]
