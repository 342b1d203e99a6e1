"""The guidance committee's decision: meeting, choices at the quota, shortlist."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ranking.actions.confirming import check_list, decision_digest
from services.ranking.actions.lists import put_line
from services.ranking.actions.members import Aside, stand_aside, unseen
from services.ranking.actions.stages import deciding_stage, freeze, held_stage
from services.ranking.domain.lists import common_items, list_line, score_text
from services.ranking.rules import rules_of
from services.ranking.store import cases_of, decisions_of, entries_of, meeting_of, put, recusals_of
from services.ranking.tables import CaseCopy, Decision, Meeting, RankedEntry
from shared.contracts.dossiers import FinalEntryDossier, ReviewDossier
from shared.infra.database import Tx
from shared.infra.stages import stage_place
from shared.infra.tables import Stage
from shared.kernel.refusals import Conflict, NotFound, Refusal


class SeatPresent(BaseModel):
    """A seat at the meeting: role and seat, no name."""

    model_config = ConfigDict(extra="forbid")

    role: str = Field(min_length=1, max_length=100)
    seat: str = Field(min_length=1, max_length=100)


class SeatRecused(BaseModel):
    """A seat that stood aside from a case, and why."""

    model_config = ConfigDict(extra="forbid")

    seat: str = Field(min_length=1, max_length=100)
    case: UUID
    reason: str = Field(min_length=1, max_length=500)


class MeetingHeld(BaseModel):
    """The meeting of a decision."""

    model_config = ConfigDict(extra="forbid")

    held_on: date
    place: str = Field(min_length=1, max_length=200)
    attendance: list[SeatPresent] = Field(min_length=1)
    recusals: list[SeatRecused] = []


class Chosen(BaseModel):
    """A decision on one case."""

    model_config = ConfigDict(extra="forbid")

    case: UUID
    decision: Literal["shortlisted", "not_shortlisted"]
    reason: str | None = Field(default=None, max_length=2000)


class Choices(BaseModel):
    """Decisions on some or all cases; ``reason``: why fewer than the quota, or why classes share it otherwise."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Chosen] = Field(min_length=1)
    reason: str | None = Field(default=None, max_length=2000)


class TakenBack(BaseModel):
    """Decisions taken back before both co-chairs have confirmed them."""

    model_config = ConfigDict(extra="forbid")

    cases: list[UUID] = Field(min_length=1)
    reason: str = Field(min_length=1, max_length=2000)


async def record_meeting(tx: Tx, stage_id: UUID, held: MeetingHeld) -> dict[str, Any]:
    """Record the meeting; may be corrected until the decision is confirmed. A recusal named here stays until lifted."""
    stage, _ = await deciding_stage(tx, stage_id)
    body = held.model_dump(mode="json")
    row = Meeting(
        stage_id=stage_id,
        held_on=held.held_on,
        place=held.place,
        attendance=body["attendance"],
        recorded_by=tx.actor.account_id,
        recorded_at=tx.now,
    )
    await put(tx, row)
    await tx.audit("meeting.recorded", **stage_place(stage), **body)
    await tx.session.flush()
    known = {(one.seat, one.case_id) for one in await recusals_of(tx, stage.category_id)}
    for one in held.recusals:
        if (one.seat, one.case) not in known:
            await stand_aside(tx, stage_id, Aside(case=one.case, reason=one.reason, seat=one.seat))
    return {"stage_id": stage_id, "held_on": held.held_on}


async def record_choices(tx: Tx, stage_id: UUID, given: Choices) -> dict[str, Any]:
    """Record decisions at the quota, each case once; what departs from the ranking says why."""
    stage, progress = await deciding_stage(tx, stage_id)
    if await meeting_of(tx, stage_id) is None:
        raise Refusal("no_meeting", "请先登记研究决定的会议。", article=rules_of(stage).category.quota.article)
    hidden = await unseen(tx)
    entries = {one.case_id: one for one in await entries_of(tx, stage_id) if one.case_id not in hidden}
    decided = await decisions_of(tx, stage_id)
    for one in given.entries:
        _check(entries.get(one.case), one, decided)
        decided[one.case] = _row(tx, stage_id, one)
    progress.reason = given.reason or progress.reason
    check_list(stage, progress, list(entries.values()), decided, hidden)
    for one in given.entries:
        tx.session.add(decided[one.case])
        await tx.audit(
            "decision.recorded", **stage_place(stage), case_id=one.case, outcome=one.decision, reason=one.reason
        )
    tx.session.add(progress)
    await tx.session.flush()
    return await decision_digest(tx, stage_id)


def _row(tx: Tx, stage_id: UUID, one: Chosen) -> Decision:
    return Decision(
        stage_id=stage_id,
        case_id=one.case,
        outcome=one.decision,
        reason=(one.reason or "").strip() or None,
        decided_by=tx.actor.account_id,
        decided_at=tx.now,
    )


def _check(entry: RankedEntry | None, given: Chosen, decided: dict[UUID, Decision]) -> None:
    if entry is None:
        raise NotFound("本阶段没有这个案件。")
    field = f"entries.{entry.number}"
    if given.case in decided:
        raise Conflict("already_decided", f"{entry.number} 已有决定，每案只决定一次。", field=field)
    if entry.struck is not None:
        raise Conflict("case_struck", f"{entry.number} 已退出或被取消资格，不再决定。", field=field)
    if entry.vetoed:
        raise Refusal("vetoed", f"{entry.number} 有一票否决情形，不参加排序。", field=field)


async def take_back(tx: Tx, stage_id: UUID, given: TakenBack) -> dict[str, Any]:
    """Take decisions back, with a reason, as long as they are not confirmed by both."""
    stage, _ = await deciding_stage(tx, stage_id)
    decided, hidden = await decisions_of(tx, stage_id), await unseen(tx)
    for case_id in given.cases:
        if case_id not in decided or case_id in hidden:
            raise NotFound("这个案件还没有决定。")
        await tx.session.delete(decided[case_id])
        await tx.audit("decision.taken_back", **stage_place(stage), case_id=case_id, reason=given.reason)
    await tx.session.flush()
    return await decision_digest(tx, stage_id)


async def freeze_shortlist(tx: Tx, stage_id: UUID) -> None:
    """Write the shortlist in rank order and freeze its manifest, once."""
    stage, progress = await held_stage(tx, stage_id)
    if progress.frozen_manifest is not None:
        return
    decided = await decisions_of(tx, stage_id)
    copies = {copy.case_id: copy for copy in await cases_of(tx, stage_id)}
    chosen = [one for one in await entries_of(tx, stage_id) if _is_chosen(one, decided)]
    lines = [shortlist_line(stage, one, copies[one.case_id], place) for place, one in enumerate(chosen, 1)]
    entries = [await put_line(tx, stage, line, copies[line.case_id].variant, final=False) for line in lines]
    await freeze(tx, stage, entries)


def _is_chosen(entry: RankedEntry, decided: dict[UUID, Decision]) -> bool:
    found = decided.get(entry.case_id)
    return entry.rank is not None and found is not None and found.outcome == "shortlisted"


def shortlist_line(stage: Stage, entry: RankedEntry, copy: CaseCopy, position: int) -> FinalEntryDossier:
    """A ranked case as a line of a shortlist. The committee's reasons stay in the minute."""
    exact = rules_of(stage).scored_by_rule
    return list_line(
        case_id=entry.case_id,
        number=entry.number,
        subject=entry.subject,
        position=position,
        score=score_text(int(entry.numerator), int(entry.denominator), exact=exact),
        rank=entry.rank,
        outcome="shortlisted",
        reason=None,
        previous_digest=entry.previous_digest,
        items=common_items(ReviewDossier.model_validate(copy.dossier)),
    )
