"""Outcomes of an evaluation, such as 推荐 or 须整改: recorded by the office case by case, confirmed by two persons."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ranking.actions.lists import put_line
from services.ranking.actions.stages import freeze, held_stage, refuse_when_completed
from services.ranking.domain.lists import common_items, list_line, score_text
from services.ranking.rules import StageRules, rules_of
from services.ranking.store import cases_of, decisions_of, entries_of, progress_of
from services.ranking.tables import CaseCopy, Decision, RankedEntry
from shared.contracts.dossiers import FinalEntryDossier, ReviewDossier
from shared.contracts.names import stage_workflow_id
from shared.infra.database import Tx
from shared.infra.stages import stage_for_act, stage_place
from shared.infra.tables import Stage
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.canonical import digest
from shared.kernel.refusals import Conflict, NotFound, Refusal

ACT = "evaluation.decide"


class Recommendation(BaseModel):
    """One of the category's outcomes for a case, and why; the rulebook says which outcomes need the reason."""

    model_config = ConfigDict(extra="forbid")

    case: UUID
    outcome: str
    reason: str | None = Field(default=None, max_length=2000)


class Recommendations(BaseModel):
    """Recommendations of some or all cases."""

    model_config = ConfigDict(extra="forbid")

    entries: list[Recommendation] = Field(min_length=1)


async def record_recommendations(tx: Tx, stage_id: UUID, given: Recommendations) -> dict[str, Any]:
    """Record recommendations, each case once."""
    stage = await _recommending_stage(tx, stage_id)
    rules, entries = rules_of(stage), {one.case_id: one for one in await entries_of(tx, stage_id)}
    decided = set(await decisions_of(tx, stage_id))
    for one in given.entries:
        _check(rules, entries.get(one.case), one, decided)
        decided.add(one.case)
        tx.session.add(
            Decision(
                stage_id=stage_id,
                case_id=one.case,
                outcome=one.outcome,
                reason=one.reason,
                decided_by=tx.actor.account_id,
                decided_at=tx.now,
            )
        )
        await tx.audit(
            "recommendation.recorded", **stage_place(stage), case_id=one.case, outcome=one.outcome, reason=one.reason
        )
    await tx.session.flush()
    return await recommendation_digest(tx, stage_id)


async def _recommending_stage(tx: Tx, stage_id: UUID) -> Stage:
    stage = await stage_for_act(tx, stage_id)
    await tx.lock("decisions", stage_id)
    progress = await refuse_when_completed(tx, stage_id)
    if stage.kind != "decision" or not rules_of(stage).recommends:
        raise Refusal("no_recommendation", "本阶段不提出推荐意见。")
    if progress.ranked_at is None:
        raise Refusal("not_received", "移交的案件尚未收齐，请稍候再办。")
    return stage


def _check(rules: StageRules, entry: RankedEntry | None, given: Recommendation, decided: set[UUID]) -> None:
    if entry is None:
        raise NotFound("本阶段没有这个案件。")
    field = f"entries.{entry.number}"
    if given.case in decided:
        raise Conflict("already_decided", f"{entry.number} 已有决定，每案只决定一次。", field=field)
    if entry.struck is not None:
        raise Conflict("case_struck", f"{entry.number} 已退出或被取消资格，不再决定。", field=field)
    outcomes = rules.category.case_outcomes
    outcome = outcomes.get(given.outcome)
    if outcome is None:
        labels = "、".join(f"{one.label}（{one.id}）" for one in outcomes.values())
        message = f"{entry.number}：结论只能是{labels}，没有“{given.outcome}”。"
        raise Refusal("unknown_outcome", message, field=f"{field}.outcome", article=rules.deciding.article)
    if outcome.favourable and entry.vetoed:
        raise Refusal("vetoed", f"{entry.number} 有一票否决情形，结论不能是“{outcome.label}”。", field=field)
    if outcome.reason_required and not (given.reason or "").strip():
        message = f"{entry.number} 结论为“{outcome.label}”，须写明理由。"
        raise Refusal("reason_missing", message, field=f"{field}.reason", article=rules.deciding.article)


async def recommendation_digest(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What two persons agree to: act and digest for the ticket, and how many cases are still undecided."""
    progress, decisions = await progress_of(tx, stage_id), await decisions_of(tx, stage_id)
    standing = sorted((one for one in await entries_of(tx, stage_id) if one.struck is None), key=lambda one: one.number)
    agreed = {
        "stage_id": stage_id,
        "inputs": progress.input_digest,
        "entries": [
            {"case_id": one.case_id, "outcome": decisions[one.case_id].outcome, "reason": decisions[one.case_id].reason}
            for one in standing
            if one.case_id in decisions
        ],
    }
    undecided = [one.number for one in standing if one.case_id not in decisions]
    return {"act": ACT, "digest": digest(agreed), "undecided": undecided}


async def confirm_recommendations(tx: Tx, stage_id: UUID, ticket: Ticket | None) -> dict[str, Any]:
    """Two persons confirm all recommendations; the final list follows."""
    stage = await _recommending_stage(tx, stage_id)
    agreed = await recommendation_digest(tx, stage_id)
    if agreed["undecided"]:
        raise Refusal("undecided", f"还有{len(agreed['undecided'])}案没有结论，不能确认。", field="entries")
    await use_ticket(tx, ticket, ACT, agreed["digest"])
    progress = await progress_of(tx, stage_id)
    progress.completed_at, progress.completed_digest = tx.now, agreed["digest"]
    tx.session.add(progress)
    await tx.audit("recommendation.confirmed", **stage_place(stage), public=agreed["digest"])
    await tx.nudge(stage_workflow_id(stage_id))
    return {"stage_id": stage_id, "digest": agreed["digest"]}


async def freeze_recommendations(tx: Tx, stage_id: UUID) -> None:
    """Write the final list: every standing case with its score, recommendation and reason. Once."""
    stage, progress = await held_stage(tx, stage_id)
    if progress.frozen_manifest is not None:
        return
    copies = {copy.case_id: copy for copy in await cases_of(tx, stage_id)}
    decisions = await decisions_of(tx, stage_id)
    standing = [one for one in await entries_of(tx, stage_id) if one.struck is None]
    ordered = sorted(standing, key=lambda one: ((one.place or 0) if rules_of(stage).ranks else 0, one.number))
    lines = [
        _line(stage, one, copies[one.case_id], decisions[one.case_id], position)
        for position, one in enumerate(ordered, 1)
    ]
    entries = [await put_line(tx, stage, line, copies[line.case_id].variant, final=True) for line in lines]
    await freeze(tx, stage, entries)


def _line(stage: Stage, entry: RankedEntry, copy: CaseCopy, decision: Decision, position: int) -> FinalEntryDossier:
    rules, review = rules_of(stage), ReviewDossier.model_validate(copy.dossier)
    return list_line(
        case_id=entry.case_id,
        number=entry.number,
        subject=entry.subject,
        position=position,
        score=score_text(int(entry.numerator), int(entry.denominator), exact=True) if rules.category.scored else None,
        rank=entry.rank if rules.ranks else None,
        outcome=decision.outcome,
        reason=decision.reason if rules.discloses_reason else None,
        previous_digest=entry.previous_digest,
        official=(copy.application or {}).get("official"),
        items=common_items(review),
    )
