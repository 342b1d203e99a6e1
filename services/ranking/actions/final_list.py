"""The final list after the consultation: what was kept, in rank order, with ranks closed up."""

from uuid import UUID

from services.ranking.actions.lists import put_line
from services.ranking.actions.seats import open_seat
from services.ranking.actions.stages import freeze, held_stage
from services.ranking.domain.lists import list_line
from services.ranking.rules import rules_of
from services.ranking.store import (
    cases_of,
    decision_stage,
    entries_of,
    final_entries,
    rulings_of,
)
from services.ranking.tables import CaseCopy
from shared.contracts.dossiers import FinalEntryDossier
from shared.infra.database import Tx


async def freeze_final_list(tx: Tx, stage_id: UUID) -> None:
    """Write the final list and freeze its manifest, once; places that fell empty become open seats."""
    stage, progress = await held_stage(tx, stage_id)
    if progress.frozen_manifest is not None:
        return
    copies = sorted(await cases_of(tx, stage_id), key=lambda copy: copy.dossier["position"])
    rulings = await rulings_of(tx, stage_id)
    removed = {case for case, one in rulings.items() if one.ruling == "remove" and one.ruled_at is not None}
    kept = [copy for copy in copies if copy.struck is None and copy.case_id not in removed]
    first = 1 + sum(entry.struck is None for entry in await final_entries(tx, stage.category_id))
    decided_in = await decision_stage(tx, stage.category_id)
    ranks = {entry.case_id: entry.rank for entry in await entries_of(tx, decided_in.stage_id)}
    lines = [_line(copy, position, ranks.get(copy.case_id)) for position, copy in enumerate(kept, first)]
    entries = [
        await put_line(tx, stage, line, copy.variant, final=True) for line, copy in zip(lines, kept, strict=True)
    ]
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
