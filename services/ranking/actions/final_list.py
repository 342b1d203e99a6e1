"""The final list after the consultation: what was kept, in rank order, with ranks closed up."""

from typing import Any
from uuid import UUID

from services.ranking.actions.lists import deposit_final_list, put_line
from services.ranking.actions.seats import open_seat
from services.ranking.actions.stages import deposit, freeze
from services.ranking.domain.lists import list_line
from services.ranking.rules import rules_of
from services.ranking.store import (
    cases_of,
    decision_stage,
    entries_of,
    final_entries,
    letters_of,
    progress_of,
    replies_of,
    rulings_of,
)
from services.ranking.tables import CaseCopy
from shared.contracts.dossiers import FinalEntryDossier
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.infra.tables import Stage


async def freeze_final_list(tx: Tx, stage_id: UUID) -> None:
    """Write the final list and freeze its manifest, once; places that fell empty become open seats."""
    stage, progress = await stage_row(tx, stage_id, share=True), await progress_of(tx, stage_id)
    if progress.frozen_manifest is not None:
        return
    copies = sorted(await cases_of(tx, stage_id), key=lambda copy: copy.dossier["position"])
    removed = {case for case, one in (await rulings_of(tx, stage_id)).items() if one.ruling == "remove"}
    kept = [copy for copy in copies if copy.struck is None and copy.case_id not in removed]
    first = 1 + sum(entry.struck is None for entry in await final_entries(tx, stage.category_id))
    decided_in = await decision_stage(tx, stage.category_id)
    ranks = {entry.case_id: entry.rank for entry in await entries_of(tx, decided_in.stage_id)}
    lines = [_line(copy, position, ranks.get(copy.case_id)) for position, copy in enumerate(kept, first)]
    entries = [
        await put_line(tx, stage, line, copy.variant, final=True) for line, copy in zip(lines, kept, strict=True)
    ]
    await deposit(tx, stage, _part_name(stage), "auditor", await _consultation_part(tx, stage))
    await deposit_final_list(tx, stage, lines)
    await freeze(tx, stage, entries)
    if rules_of(stage).quota.count is not None:
        for copy in copies:
            if copy not in kept:
                await open_seat(tx, stage, copy.case_id, copy.struck or "concern")


def _line(copy: CaseCopy, position: int, rank: int | None) -> FinalEntryDossier:
    before = FinalEntryDossier.model_validate(copy.dossier)
    return list_line(
        case_id=before.case_id,
        number=before.number,
        subject=before.subject.model_dump(),
        position=position,
        score=before.score,
        rank=rank,
        outcome="listed",
        reason=None,
        previous_digest=copy.dossier_digest,
        official=before.official,
        items=before.items,
    )


def _part_name(stage: Stage) -> str:
    return "consultation.json" if stage.supplement == 0 else f"consultation-{stage.supplement}.json"


async def _consultation_part(tx: Tx, stage: Stage) -> dict[str, Any]:
    """Who was asked what and answered what, for the auditor."""
    departments = {one.department_id: one.department for one in await letters_of(tx, stage.stage_id)}
    return {
        "stage_id": stage.stage_id,
        "term": stage.term,
        "replies": [
            {
                "case_id": one.case_id,
                "department": departments[one.department_id],
                "reply": one.reply,
                "text": one.text,
                "replied_at": one.replied_at,
            }
            for one in await replies_of(tx, stage.stage_id)
        ],
        "rulings": [
            {"case_id": one.case_id, "ruling": one.ruling, "reason": one.reason}
            for one in (await rulings_of(tx, stage.stage_id)).values()
        ],
    }
