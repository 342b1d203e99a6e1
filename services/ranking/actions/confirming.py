"""Confirming a decision: each person what they see, under its digest; the last confirmation makes the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.ranking.actions.members import committee_of, recusals_shown, unseen
from services.ranking.actions.minutes import keep_stage_minute
from services.ranking.actions.stages import deciding_stage
from services.ranking.domain.confirming import Confirmed, Member, chairs_away, may_stand_in, unconfirmed
from services.ranking.domain.decisions import check_choices
from services.ranking.rules import rules_of
from services.ranking.store import (
    choices_of,
    confirmations_of,
    decisions_of,
    entries_of,
    meeting_of,
    progress_of,
    put,
    ranked_among,
)
from services.ranking.tables import Confirmation, Decision, RankedEntry, StageProgress
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.stages import stage_place, stage_row
from shared.infra.tables import Stage
from shared.infra.tickets import require_fresh
from shared.kernel.canonical import digest
from shared.kernel.refusals import Conflict, NotAllowed, Refusal


def check_list(
    stage: Stage,
    progress: StageProgress,
    entries: Sequence[RankedEntry],
    decided: Mapping[UUID, Decision],
    hidden: frozenset[UUID],
) -> None:
    """The rules look at cases that still stand and that the reader sees; a choice of one that fell takes no place."""
    ranked = ranked_among(entries, hidden)
    standing = [decided[one.case_id] for one in ranked if one.case_id in decided]
    check_choices(ranked, choices_of(standing), rules_of(stage).quota, progress.reason, whole=not hidden)


@dataclass(frozen=True, slots=True)
class SeenList:
    """What somebody sees of a list: its standing entries, the decisions, the digest of every decided entry's line."""

    entries: Sequence[RankedEntry]
    decided: Mapping[UUID, Decision]
    lines: Mapping[UUID, str]

    @property
    def undecided(self) -> list[str]:
        """The numbers of entries without a decision."""
        return [one.number for one in self.entries if one.case_id not in self.lines]

    @property
    def digest(self) -> str:
        """What is confirmed, whoever confirms all of it."""
        return digest(sorted((str(case), line) for case, line in self.lines.items()))


async def list_of(tx: Tx, stage: Stage, hidden: frozenset[UUID]) -> SeenList:
    """The list without hidden cases. A line: what was decided, why, who stood aside, in which meeting.

    The rank is not in it: it follows from the inputs, and closes up when another case falls.
    """
    progress, meeting = await progress_of(tx, stage.stage_id), await meeting_of(tx, stage.stage_id)
    decided, aside = await decisions_of(tx, stage.stage_id), await recusals_shown(tx, stage.category_id, hidden)
    head = digest(
        {
            "stage_id": stage.stage_id,
            "inputs": progress.input_digest,
            "meeting": None if meeting is None else meeting.model_dump(include={"held_on", "place", "attendance"}),
            "reason": progress.reason,
        }
    )
    found = await entries_of(tx, stage.stage_id)
    entries = [one for one in found if one.rank is not None and one.case_id not in hidden]
    lines = {
        one.case_id: digest(
            {
                "head": head,
                "case_id": str(one.case_id),
                "outcome": decided[one.case_id].outcome,
                "reason": decided[one.case_id].reason,
                "recused": [row["seat"] for row in aside if row["case"] == str(one.case_id)],
            }
        )
        for one in entries
        if one.case_id in decided
    }
    return SeenList(entries, decided, lines)


async def confirmed_so_far(tx: Tx, stage: Stage, committee: Sequence[Member]) -> list[Confirmed]:
    """The confirmations of members who may still act."""
    members = {one.account_id: one for one in committee}
    return [
        Confirmed(members[one.account_id], {UUID(case): line for case, line in one.lines.items()})
        for one in await confirmations_of(tx, stage.stage_id)
        if one.account_id in members
    ]


async def decision_digest(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What the reader would confirm: its digest, what is undecided, how many are chosen, who has confirmed all of it,
    which entries a member confirms in the place of a co-chair, and what still speaks against the list."""
    stage, hidden = await stage_row(tx, stage_id), await unseen(tx)
    committee, seen = await committee_of(tx, stage.category_id), await list_of(tx, stage, hidden)
    return {
        "digest": seen.digest,
        "undecided": seen.undecided,
        "shortlisted": sum(seen.decided[case].outcome == "shortlisted" for case in seen.lines),
        "confirmed_by": [
            str(one.member.account_id)
            for one in await confirmed_so_far(tx, stage, committee)
            if all(case in one.member.recused or one.holds_for(case, line) for case, line in seen.lines.items())
        ],
        "stand_in": [one.number for one in seen.entries if chairs_away(committee, one.case_id)],
        "problem": None if seen.undecided else await _problem(tx, stage, seen, hidden),
    }


async def _problem(tx: Tx, stage: Stage, seen: SeenList, hidden: frozenset[UUID]) -> str | None:
    """What the rules say against the whole list, as a sentence."""
    try:
        check_list(stage, await progress_of(tx, stage.stage_id), seen.entries, seen.decided, hidden)
    except Refusal as refusal:
        return refusal.message
    return None


async def confirm_choices(tx: Tx, stage_id: UUID, given: str) -> dict[str, Any]:
    """Confirm exactly what the digest stands for, freshly authenticated; the last confirmation makes the decision."""
    require_fresh(tx)
    stage, progress = await deciding_stage(tx, stage_id)
    hidden, committee = await unseen(tx), await committee_of(tx, stage.category_id)
    seen = await list_of(tx, stage, hidden)
    me = next((one for one in committee if one.account_id == tx.actor.account_id), None)
    if me is None or not may_stand_in(me, committee, seen.lines):
        raise NotAllowed("决定由两位主任确认；只有主任回避的案件由其他成员代为确认。")
    agreed = await decision_digest(tx, stage_id)
    if agreed["undecided"]:
        raise Refusal("undecided", f"还有{len(agreed['undecided'])}案没有决定，不能确认。", field="entries")
    if given != agreed["digest"]:
        raise Conflict("digest_mismatch", "决定内容已有变动，请核对最新内容后再确认。", field="digest")
    check_list(stage, progress, seen.entries, seen.decided, hidden)
    if str(me.account_id) in agreed["confirmed_by"]:
        raise Conflict("already_confirmed", "您已确认过，须由另一位主任确认。")
    mine = Confirmation(
        stage_id=stage_id,
        account_id=me.account_id,
        digest=given,
        role="co_chair" if me.chair else "guidance",
        lines={str(case): line for case, line in seen.lines.items()},
        confirmed_at=tx.now,
    )
    await put(tx, mine)
    await tx.audit("decision.confirmed", **stage_place(stage), public=given)
    await tx.session.flush()
    complete = await _is_confirmed(tx, stage, committee)
    if complete:
        await _complete(tx, stage, progress)
    return {"stage_id": stage_id, "digest": given, "complete": complete}


async def _is_confirmed(tx: Tx, stage: Stage, committee: Sequence[Member]) -> bool:
    """Whether every entry is confirmed and the whole list keeps the rules. One who stands aside from an entry is not
    told what speaks against it: then the list simply waits for the others."""
    everything = await list_of(tx, stage, frozenset())
    needed = 2 if rules_of(stage).decision.both_co_chairs else 1
    if everything.undecided or await _problem(tx, stage, everything, frozenset()):
        return False
    return not unconfirmed(everything.lines, committee, await confirmed_so_far(tx, stage, committee), needed)


async def _complete(tx: Tx, stage: Stage, progress: StageProgress) -> None:
    progress.completed_at = tx.now
    progress.completed_digest = (await list_of(tx, stage, frozenset())).digest
    tx.session.add(progress)
    await keep_stage_minute(tx, stage, progress, await confirmations_of(tx, stage.stage_id))
    await tx.nudge(stage_workflow_id(stage.stage_id))
