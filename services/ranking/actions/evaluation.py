"""Scoring by rule: results, decisions by hand on open items, completion, results as dossiers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ranking.actions.members import require_seen, unseen
from services.ranking.actions.stages import Received, freeze, held_stage, receive, refuse_when_completed
from services.ranking.domain.scoring import (
    ByHand,
    check_judgement,
    check_override,
    result_json,
    review_dossier,
    score_all,
    scorecard_of,
)
from services.ranking.points import Points
from services.ranking.rules import rules_of
from services.ranking.store import (
    by_hand,
    case_of,
    cases_of,
    item_decisions,
    keep_results,
    put,
    results_of,
)
from services.ranking.tables import CaseCopy, EvaluationResult, ItemDecision
from shared.contracts.dossiers import ApplicationDossier, Manifest, ManifestEntry
from shared.contracts.names import stage_workflow_id
from shared.contracts.subjects import CaseSubject
from shared.infra.database import Tx
from shared.infra.stages import stage_for_act, stage_place
from shared.infra.tables import Stage
from shared.kernel.canonical import digest, plain_decimal
from shared.kernel.refusals import FieldProblem, Refusal


class PointsByHand(BaseModel):
    """Points for one item of a case, and why."""

    model_config = ConfigDict(extra="forbid")

    item: str
    points: Points
    reason: str = Field(min_length=1, max_length=2000)


async def receive_for_evaluation(tx: Tx, stage_id: UUID, manifest: Manifest, received: Sequence[Received]) -> None:
    """Keep the filings and score every one."""
    stage = await receive(tx, stage_id, manifest, received)
    await tx.session.flush()
    await score_stage(tx, stage)


async def score_stage(tx: Tx, stage: Stage) -> None:
    """Score all cases against the frozen population; results are written over older ones."""
    rules = rules_of(stage)
    copies = await cases_of(tx, stage.stage_id)
    results = score_all(
        rules.rulebook, rules.category, [filing_of(copy) for copy in copies], await by_hand(tx, stage.stage_id)
    )
    rows = [
        EvaluationResult(
            stage_id=stage.stage_id,
            case_id=case_id,
            total=plain_decimal(result.total),
            open_items=list(result.provisional),
            result=result_json(rules.category, result),
            scored_at=tx.now,
        )
        for case_id, result in results.items()
    ]
    await keep_results(tx, rows)
    await tx.audit("evaluation.scored", **stage_place(stage), cases=len(results))


def filing_of(copy: CaseCopy) -> ApplicationDossier:
    """The filing a copy was made from."""
    return ApplicationDossier.model_validate(copy.dossier)


async def decide_item(
    tx: Tx, stage_id: UUID, case_id: UUID, kind: Literal["override", "judgement"], given: PointsByHand
) -> dict[str, Any]:
    """Give points by hand, with a reason: for an item that cannot be computed, or a judged one such as a deduction.

    May be given anew until the evaluation is completed; every version stays in the audit.
    """
    stage = await stage_for_act(tx, stage_id)
    await tx.lock("evaluation", stage_id)
    await refuse_when_completed(tx, stage_id)
    copy = await case_of(tx, stage_id, case_id)
    result = (await results_of(tx, stage_id))[case_id].result
    _check(stage, copy, kind, given.item, given.points, result)
    row = ItemDecision(
        stage_id=stage_id,
        case_id=case_id,
        item=given.item,
        kind=kind,
        points=plain_decimal(given.points),
        reason=given.reason,
        decided_by=tx.actor.account_id,
        decided_at=tx.now,
    )
    await put(tx, row)
    await tx.session.flush()
    await tx.audit(f"evaluation.{kind}", **stage_place(stage), case_id=case_id, **given.model_dump())
    await score_stage(tx, stage)
    await tx.session.flush()
    return await case_result(tx, stage_id, case_id)


def _check(stage: Stage, copy: CaseCopy, kind: str, item: str, points: Decimal, result: dict[str, Any]) -> None:
    card = scorecard_of(rules_of(stage).category)
    if kind == "override":
        check_override(card, copy.variant, result, item, points)
    else:
        check_judgement(card, copy.variant, item, points)


async def complete_evaluation(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """The office is done: no open item may be left; the workflow hands the results over."""
    stage = await stage_for_act(tx, stage_id)
    await tx.lock("evaluation", stage_id)
    progress = await refuse_when_completed(tx, stage_id)
    if progress.received_at is None:
        raise Refusal("not_received", "移交的案件尚未收齐，请稍候再办。")
    results, standing = await results_of(tx, stage_id), await standing_cases(tx, stage_id)
    _refuse_open_items([(copy, results[copy.case_id]) for copy in standing])
    progress.completed_at = tx.now
    progress.completed_digest = digest({str(copy.case_id): results[copy.case_id].result for copy in standing})
    tx.session.add(progress)
    await tx.audit("evaluation.completed", **stage_place(stage), public=progress.completed_digest)
    await tx.nudge(stage_workflow_id(stage_id))
    return {"stage_id": stage_id, "digest": progress.completed_digest, "cases": len(standing)}


def _refuse_open_items(results: Sequence[tuple[CaseCopy, EvaluationResult]]) -> None:
    problems = tuple(
        FieldProblem(f"{copy.number}.{item}", "open_item", f"{copy.number}：“{_item_name(row, item)}”待人工认定。")
        for copy, row in results
        for item in row.open_items
    )
    if problems:
        message = f"还有{len(problems)}项待人工认定，不能结束评分。"
        raise Refusal("open_items", message, field=problems[0].field, problems=problems)


def _item_name(row: EvaluationResult, item: str) -> str:
    return str(row.result["words"][item]["item_name"])


async def standing_cases(tx: Tx, stage_id: UUID) -> list[CaseCopy]:
    """The cases of a stage that still stand."""
    return [copy for copy in await cases_of(tx, stage_id) if copy.struck is None]


async def freeze_evaluation(tx: Tx, stage_id: UUID) -> None:
    """Put the results down as dossiers and freeze the manifest, once."""
    stage, progress = await held_stage(tx, stage_id)
    if progress.frozen_manifest is not None:
        return
    results, hands = await results_of(tx, stage_id), await by_hand(tx, stage_id)
    entries = []
    for copy in await standing_cases(tx, stage_id):
        hand = hands.get(copy.case_id, ByHand())
        dossier = review_dossier(filing_of(copy), copy.dossier_digest, results[copy.case_id].result, hand)
        entries.append(_manifest_entry(copy, await tx.put_dossier(dossier, "review")))
    await freeze(tx, stage, entries)


def _manifest_entry(copy: CaseCopy, dossier_digest: str) -> ManifestEntry:
    return ManifestEntry(
        case_id=copy.case_id,
        number=copy.number,
        dossier_digest=dossier_digest,
        subject=CaseSubject.model_validate(copy.subject),
        variant=copy.variant,
    )


async def case_result(tx: Tx, stage_id: UUID, case_id: UUID) -> dict[str, Any]:
    """One case's result for people and programs."""
    await require_seen(tx, case_id)
    copy = await case_of(tx, stage_id, case_id)
    row = (await results_of(tx, stage_id))[case_id]
    decided = [one for one in await item_decisions(tx, stage_id) if one.case_id == case_id]
    return _shown(copy, row, decided)


async def evaluation_results(tx: Tx, stage_id: UUID) -> list[dict[str, Any]]:
    """All results of an evaluation, by case number."""
    results, decided = await results_of(tx, stage_id), await item_decisions(tx, stage_id)
    hidden = await unseen(tx)
    return [
        _shown(copy, results[copy.case_id], [one for one in decided if one.case_id == copy.case_id])
        for copy in await cases_of(tx, stage_id)
        if copy.case_id in results and copy.case_id not in hidden
    ]


def _shown(copy: CaseCopy, row: EvaluationResult, decided: Sequence[ItemDecision]) -> dict[str, Any]:
    return {
        "case_id": str(copy.case_id),
        "number": copy.number,
        "name": copy.name,
        "credit_code": copy.subject.get("credit_code"),
        "variant": copy.variant,
        "struck": copy.struck,
        "total": row.total,
        "items": row.result["items"],
        "groups": row.result["groups"],
        "open_items": row.open_items,
        "not_computable": row.result["not_computable"],
        "vetoed": row.result["vetoed"],
        "explanations": _explanations(row),
        "by_hand": [
            {"item": one.item, "kind": one.kind, "points": one.points, "reason": one.reason} for one in decided
        ],
        "official": copy.dossier.get("official"),
    }


def _explanations(row: EvaluationResult) -> dict[str, Any]:
    said, words = row.result["explanations"], row.result["words"]
    return {item: {**said[item], **words[item], "points": row.result["items"][item]} for item in said}
