"""Keeping how firmly a ranking stands: computed once from the sheets behind it, again when a case falls."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.ranking.domain.sheets import Outlier, SignedSheet, TooFast, outliers, too_fast
from services.ranking.domain.stability import Scored, Stability
from services.ranking.rules import rules_of
from services.ranking.store import cases_of, entries_of, progress_of, put, standing_of
from services.ranking.tables import CaseCopy, StabilityRow, StageProgress
from shared.contracts.dossiers import ReviewDossier
from shared.infra.database import Tx
from shared.infra.stages import stage_place, stage_row
from shared.infra.tables import Stage
from shared.kernel.canonical import digest


def is_examined(stage: Stage) -> bool:
    """Whether a ranking rests on experts' sheets; one by rule has nothing to be left out or drawn anew."""
    rules = rules_of(stage)
    return rules.ranks and not rules.scored_by_rule


async def stability_due(tx: Tx, stage: Stage, progress: StageProgress) -> bool:
    """Whether the ranking is to be examined: never yet, or other cases stood then; after the decision no more."""
    if progress.ranked_at is None or progress.completed_at is not None or not is_examined(stage):
        return False
    kept = await tx.session.get(StabilityRow, stage.stage_id)
    return kept is None or kept.of != await _standing_digest(tx, stage.stage_id)


async def _standing_digest(tx: Tx, stage_id: UUID) -> str:
    return digest(sorted(str(one.case_id) for one in await entries_of(tx, stage_id) if one.rank is not None))


async def scored_cases(tx: Tx, stage_id: UUID) -> tuple[list[Scored], str]:
    """The ranked cases with the totals of their sheets, and the seed: the digest of the ranking's inputs."""
    copies = {copy.case_id: copy for copy in await cases_of(tx, stage_id)}
    cases = []
    for one in await entries_of(tx, stage_id):
        if one.rank is None:
            continue
        standing, sheets = standing_of(one), ReviewDossier.model_validate(copies[one.case_id].dossier).sheets
        totals = {sheet.expert: Decimal(sheet.total) for sheet in sheets}
        if totals:
            cases.append(Scored(one.case_id, one.number, standing.group, totals, standing.tie_values))
    return cases, (await progress_of(tx, stage_id)).input_digest or ""


async def keep_stability(tx: Tx, stage_id: UUID, found: Stability) -> None:
    """Keep what was found for the cases that stand now."""
    stage = await stage_row(tx, stage_id)
    row = StabilityRow(
        stage_id=stage_id, of=await _standing_digest(tx, stage_id), content=as_json(found), computed_at=tx.now
    )
    await put(tx, row)
    await tx.audit("stability.computed", **stage_place(stage), public=digest(row.content))


def as_json(found: Stability) -> dict[str, Any]:
    """Exact fractions as texts."""
    return {
        "seed": found.seed,
        "runs": found.runs,
        "inside": {str(case): str(share) for case, share in found.inside.items()},
        "left_out": [
            {"expert": one.expert, "enters": list(map(str, one.enters)), "leaves": list(map(str, one.leaves))}
            for one in found.left_out
        ],
        "lines": [
            {
                "class": one.group,
                "places": one.places,
                "verdict": one.verdict,
                "gap": None if one.gap is None else str(one.gap),
                "contested": list(map(str, one.contested)),
                "swayed_by": list(one.swayed_by),
            }
            for one in found.lines
        ],
    }


async def sheets_examined(tx: Tx, stage: Stage) -> dict[str, Any]:
    """Sheets that stand out; experts are told by their neutral labels only."""
    card = rules_of(stage).category.scorecard
    sheets = [sheet for copy in await cases_of(tx, stage.stage_id) for sheet in _sheets(copy)]
    names = {copy.number: copy.name for copy in await cases_of(tx, stage.stage_id)}
    return {
        "sheets": len(sheets),
        "timed": sum(sheet.signed_at is not None for sheet in sheets),
        "outliers": [_outlier(one, names) for one in outliers(sheets, card.total if card else Decimal(0))],
        "too_fast": [_too_fast(one, names) for one in too_fast(sheets)],
    }


def _sheets(copy: CaseCopy) -> list[SignedSheet]:
    return [
        SignedSheet(copy.case_id, copy.number, one.expert, Decimal(one.total), one.signed_at)
        for one in ReviewDossier.model_validate(copy.dossier).sheets
    ]


def _outlier(one: Outlier, names: Mapping[str, str]) -> dict[str, Any]:
    return {**_whose(one.sheet, names), "middle": _two(one.middle), "away": _two(one.away)}


def _too_fast(one: TooFast, names: Mapping[str, str]) -> dict[str, Any]:
    return {**_whose(one.sheet, names), "seconds": one.seconds}


def _whose(sheet: SignedSheet, names: Mapping[str, str]) -> dict[str, Any]:
    return {"number": sheet.number, "name": names[sheet.number], "expert": sheet.expert, "total": str(sheet.total)}


def _two(value: Fraction) -> str:
    """Two places for the eye."""
    return f"{Decimal(round(value * 100)) / 100:.2f}"
