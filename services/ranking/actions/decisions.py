"""The guidance committee's decision: meeting, choices at the quota, both co-chairs' confirmation, shortlist."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ranking.actions.lists import put_line
from services.ranking.actions.minutes import keep_stage_minute
from services.ranking.actions.stages import freeze, refuse_when_completed
from services.ranking.domain.decisions import check_choices
from services.ranking.domain.lists import common_items, list_line, score_text
from services.ranking.rules import rules_of
from services.ranking.store import (
    cases_of,
    choices_of,
    confirmations_of,
    decisions_of,
    entries_of,
    meeting_of,
    progress_of,
    put,
    ranked_of,
)
from services.ranking.tables import CaseCopy, Confirmation, Decision, Meeting, RankedEntry, StageProgress
from shared.contracts.dossiers import FinalEntryDossier, ReviewDossier
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.stages import stage_for_act, stage_place, stage_row
from shared.infra.tables import Stage
from shared.kernel.canonical import digest
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
    """Record the meeting; may be corrected until the decision is confirmed."""
    stage, _ = await _deciding_stage(tx, stage_id)
    entries = {one.case_id for one in await entries_of(tx, stage_id)}
    seats = {one.seat for one in held.attendance}
    for recusal in held.recusals:
        if recusal.case not in entries:
            raise NotFound("回避所涉的案件不在本阶段。")
        if recusal.seat not in seats:
            raise Refusal("unknown_seat", f"回避的席位“{recusal.seat}”不在出席名单中。", field="recusals")
    body = held.model_dump(mode="json")
    row = Meeting(
        stage_id=stage_id,
        held_on=held.held_on,
        place=held.place,
        attendance=body["attendance"],
        recusals=body["recusals"],
        recorded_by=tx.actor.account_id,
        recorded_at=tx.now,
    )
    await put(tx, row)
    await tx.audit("meeting.recorded", **stage_place(stage), **body)
    return {"stage_id": stage_id, "held_on": held.held_on}


async def _deciding_stage(tx: Tx, stage_id: UUID) -> tuple[Stage, StageProgress]:
    stage = await stage_for_act(tx, stage_id)
    await tx.lock("decisions", stage_id)
    progress = await refuse_when_completed(tx, stage_id)
    if stage.kind != "decision" or rules_of(stage).recommends:
        raise Refusal("no_shortlist", "本阶段不由指导委员会确定名单。")
    if progress.ranked_at is None:
        raise Refusal("not_ranked", "排序尚未完成，请稍候再办。")
    return stage, progress


async def record_choices(tx: Tx, stage_id: UUID, given: Choices) -> dict[str, Any]:
    """Record decisions at the quota, each case once; what departs from the ranking says why."""
    stage, progress = await _deciding_stage(tx, stage_id)
    if await meeting_of(tx, stage_id) is None:
        raise Refusal("no_meeting", "请先登记研究决定的会议。", article=rules_of(stage).category.quota.article)
    entries = {one.case_id: one for one in await entries_of(tx, stage_id)}
    decided = await decisions_of(tx, stage_id)
    for one in given.entries:
        _check(entries.get(one.case), one, decided)
        decided[one.case] = _row(tx, stage_id, one)
    progress.reason = given.reason or progress.reason
    _check_all(stage, progress, list(entries.values()), decided)
    for one in given.entries:
        tx.session.add(decided[one.case])
        await tx.audit(
            "decision.recorded", **stage_place(stage), case_id=one.case, outcome=one.decision, reason=one.reason
        )
    tx.session.add(progress)
    await tx.session.flush()
    return await decision_digest(tx, stage_id)


def _check_all(
    stage: Stage, progress: StageProgress, entries: Sequence[RankedEntry], decided: dict[UUID, Decision]
) -> None:
    """The rules look at cases that still stand; a choice of one that fell takes no place."""
    ranked = ranked_of(entries)
    standing = [decided[one.case_id] for one in ranked if one.case_id in decided]
    check_choices(ranked, choices_of(standing), rules_of(stage).quota, progress.reason)


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
    stage, _ = await _deciding_stage(tx, stage_id)
    decided = await decisions_of(tx, stage_id)
    for case_id in given.cases:
        if case_id not in decided:
            raise NotFound("这个案件还没有决定。")
        await tx.session.delete(decided[case_id])
        await tx.audit("decision.taken_back", **stage_place(stage), case_id=case_id, reason=given.reason)
    await tx.session.flush()
    return await decision_digest(tx, stage_id)


async def decision_digest(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What both co-chairs confirm: its digest, who is undecided, how many are chosen, who has confirmed."""
    progress, meeting = await progress_of(tx, stage_id), await meeting_of(tx, stage_id)
    decided = await decisions_of(tx, stage_id)
    ranked = [one for one in await entries_of(tx, stage_id) if one.rank is not None]
    agreed = {
        "stage_id": stage_id,
        "inputs": progress.input_digest,
        "meeting": None if meeting is None else {"held_on": meeting.held_on, "place": meeting.place},
        "reason": progress.reason,
        "entries": [_agreed(one, decided[one.case_id]) for one in ranked if one.case_id in decided],
    }
    value = digest(agreed)
    return {
        "digest": value,
        "undecided": [one.number for one in ranked if one.case_id not in decided],
        "shortlisted": sum(decided[one.case_id].outcome == "shortlisted" for one in ranked if one.case_id in decided),
        "confirmed_by": [str(one.account_id) for one in await confirmations_of(tx, stage_id, value)],
    }


def _agreed(entry: RankedEntry, decision: Decision) -> dict[str, Any]:
    return {"case_id": entry.case_id, "rank": entry.rank, "outcome": decision.outcome, "reason": decision.reason}


async def confirm_choices(tx: Tx, stage_id: UUID, given: str) -> dict[str, Any]:
    """A co-chair confirms exactly what the digest stands for; with the second one the decision is made."""
    stage, progress = await _deciding_stage(tx, stage_id)
    agreed = await decision_digest(tx, stage_id)
    if agreed["undecided"]:
        raise Refusal("undecided", f"还有{len(agreed['undecided'])}案没有决定，不能确认。", field="entries")
    if given != agreed["digest"]:
        raise Conflict("digest_mismatch", "决定内容已有变动，请核对最新内容后再确认。", field="digest")
    _check_all(stage, progress, await entries_of(tx, stage_id), await decisions_of(tx, stage_id))
    confirmed = await confirmations_of(tx, stage_id, given)
    if any(one.account_id == tx.actor.account_id for one in confirmed):
        raise Conflict("already_confirmed", "您已确认过，须由另一位主任确认。")
    assert tx.actor.account_id is not None, "only persons confirm"
    mine = Confirmation(
        stage_id=stage_id, account_id=tx.actor.account_id, digest=given, role="co_chair", confirmed_at=tx.now
    )
    await put(tx, mine)
    await tx.audit("decision.confirmed", **stage_place(stage), public=given)
    if len(confirmed) + 1 >= (2 if rules_of(stage).decision.both_co_chairs else 1):
        await _complete(tx, stage, progress, given, [*confirmed, mine])
    return {"stage_id": stage_id, "digest": given, "complete": progress.completed_at is not None}


async def _complete(
    tx: Tx, stage: Stage, progress: StageProgress, agreed: str, confirmed: Sequence[Confirmation]
) -> None:
    progress.completed_at, progress.completed_digest = tx.now, agreed
    tx.session.add(progress)
    await keep_stage_minute(tx, stage, progress, confirmed)
    await tx.nudge(stage_workflow_id(stage.stage_id))


async def freeze_shortlist(tx: Tx, stage_id: UUID) -> None:
    """Write the shortlist in rank order and freeze its manifest, once."""
    stage, progress = await stage_row(tx, stage_id, share=True), await progress_of(tx, stage_id)
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
