"""Parts of a category's bundle: what an auditor needs to recompute scores, ranks and decisions; the public list."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.ranking.actions.members import recusals_shown
from services.ranking.rules import rules_of
from services.ranking.store import (
    cases_of,
    decisions_of,
    entries_of,
    item_decisions,
    letters_of,
    list_of,
    meeting_of,
    minutes_of,
    progress_of,
    replies_of,
    results_of,
    rulings_of,
)
from services.ranking.tables import ListEntry, RankedEntry, StabilityRow
from shared.contracts.facts import PartDeposited
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.canonical import plain
from shared.rulebook import Outcome

AUDITOR, PUBLIC = "auditor", "public"


async def deposit_category(tx: Tx, category_id: UUID) -> None:
    """Lay all parts of a category down afresh."""
    found = await tx.session.execute(select(Stage).where(Stage.category_id == category_id))  # type: ignore[arg-type]
    for stage in found.scalars():
        if (await progress_of(tx, stage.stage_id)).frozen_manifest is not None:
            await deposit_stage(tx, stage)


async def deposit_stage(tx: Tx, stage: Stage) -> None:
    """Lay the parts of a stage down that has frozen its manifest."""
    suffix = f"-{stage.supplement}" if stage.supplement else ""
    match stage.kind:
        case "evaluation":
            await _deposit(tx, stage, "evaluation.json", AUDITOR, await _evaluation(tx, stage))
        case "decision":
            await _deposit(tx, stage, "ranking.json", AUDITOR, await _ranking(tx, stage))
            await _deposit(tx, stage, "decisions.json", AUDITOR, await _decisions(tx, stage))
            if (kept := await tx.session.get(StabilityRow, stage.stage_id)) is not None:
                await _deposit(tx, stage, "stability.json", AUDITOR, kept.content)
        case _:
            await _deposit(tx, stage, f"consultation{suffix}.json", AUDITOR, await _consultation(tx, stage))
    lines = await list_of(tx, stage.stage_id)
    if lines and lines[0].final:
        await _deposit(tx, stage, f"final-list{suffix}.json", PUBLIC, public_list(stage, lines))


async def _deposit(tx: Tx, stage: Stage, name: str, audience: str, content: Mapping[str, Any]) -> None:
    await tx.emit(
        PartDeposited(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            audience=audience,
            name=name,
            digest=await tx.put_dossier({"stage_id": stage.stage_id, **content}, "bundle-part"),
        )
    )


async def _evaluation(tx: Tx, stage: Stage) -> dict[str, Any]:
    """Everything behind the totals: filings' digests, results, points given by hand."""
    decided, results = await item_decisions(tx, stage.stage_id), await results_of(tx, stage.stage_id)
    return {
        "rulebook_digest": stage.rulebook_digest,
        "cases": [
            {
                "case_id": copy.case_id,
                "number": copy.number,
                "application_digest": copy.dossier_digest,
                "struck": copy.struck,
                "result": results[copy.case_id].result,
                "by_hand": [
                    {"item": one.item, "kind": one.kind, "points": one.points, "reason": one.reason}
                    for one in decided
                    if one.case_id == copy.case_id
                ],
            }
            for copy in await cases_of(tx, stage.stage_id)
        ],
    }


def ranking_inputs(entries: Sequence[RankedEntry]) -> list[dict[str, Any]]:
    """Everything that decides the ranks, by case number."""
    return [
        {
            "case_id": one.case_id,
            "number": one.number,
            "class": one.division,
            "mean": [one.numerator, one.denominator],
            "tie_values": one.tie_values,
            "vetoed": one.vetoed,
            "struck": one.struck,
            "dossier_digest": one.previous_digest,
        }
        for one in sorted(entries, key=lambda one: one.number)
    ]


async def _ranking(tx: Tx, stage: Stage) -> dict[str, Any]:
    entries = await entries_of(tx, stage.stage_id)
    return {
        "rulebook_digest": stage.rulebook_digest,
        "input_digest": (await progress_of(tx, stage.stage_id)).input_digest,
        "entries": ranking_inputs(entries),
        "ranks": {str(one.case_id): {"rank": one.rank, "tied": one.tied} for one in entries},
    }


async def _decisions(tx: Tx, stage: Stage) -> dict[str, Any]:
    decided, meeting = await decisions_of(tx, stage.stage_id), await meeting_of(tx, stage.stage_id)
    return {
        "confirmed_digest": (await progress_of(tx, stage.stage_id)).completed_digest,
        "meeting": None if meeting is None else meeting.model_dump(exclude={"recorded_by", "stage_id"}),
        "recusals": await recusals_shown(tx, stage.category_id, frozenset()),
        "decisions": [
            {
                "case_id": one.case_id,
                "outcome": one.outcome,
                "label": rules_of(stage).label_of(one.outcome),
                "reason": one.reason,
                "decided_at": one.decided_at,
            }
            for one in sorted(decided.values(), key=lambda one: str(one.case_id))
        ],
        "minutes": [
            {"supplement": one.supplement, "digest": one.digest, "pdf_sha256": one.pdf_sha256}
            for one in await minutes_of(tx, stage.category_id)
        ],
    }


async def _consultation(tx: Tx, stage: Stage) -> dict[str, Any]:
    """Who was asked what and answered what."""
    departments = {one.department_id: one.department for one in await letters_of(tx, stage.stage_id)}
    rulings = await rulings_of(tx, stage.stage_id)
    return {
        "term": stage.term,
        "replies": [
            {
                "case_id": one.case_id,
                "department": departments[one.department_id],
                "reply": one.reply,
                "text": one.text,
                "file_sha256": one.file_sha256,
                "replied_at": one.replied_at,
            }
            for one in await replies_of(tx, stage.stage_id)
        ],
        "rulings": [
            {"case_id": one.case_id, "ruling": one.ruling, "reason": one.reason}
            for one in rulings.values()
            if one.ruled_at is not None
        ],
    }


def public_list(stage: Stage, lines: Sequence[ListEntry]) -> dict[str, Any]:
    """The final list with the fields that the rulebook discloses; in the list's order only where ranks are public."""
    rules = rules_of(stage)
    disclosure, outcomes = rules.rulebook.disclosure, rules.category.case_outcomes
    kept = [line for line in lines if line.struck is None]
    kept.sort(key=lambda line: (line.position if disclosure.shows_rank else 0, line.number))
    return {"entries": [_public(line, disclosure.shown_fields, outcomes) for line in kept]}


def _public(line: ListEntry, shown: Sequence[str], outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    opinion = outcomes[line.outcome].label if line.outcome in outcomes else line.outcome
    values: dict[str, Any] = {**line.subject, **line.dossier, "recommendation": opinion}
    return {name: plain(values.get(name)) for name in shown}
