"""The report tables of a recommendation."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.ranking.actions.members import unseen
from services.ranking.domain.lists import summary_rows, summary_totals
from services.ranking.domain.reports import evaluation_tables
from services.ranking.rules import rules_of
from services.ranking.store import (
    cases_of,
    list_of,
)
from shared.contracts.dossiers import ApplicationDossier, FinalEntryDossier
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.kernel.refusals import NotFound
from shared.rulebook import ReportTable


async def summary(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """The report table of a recommendation, once its list is fixed."""
    stage = await stage_row(tx, stage_id)
    rules = rules_of(stage)
    lines = await _lines_seen(tx, stage_id)
    if not lines or not rules.recommends:
        raise NotFound("总表尚未形成。")
    card = rules.category.scorecard
    names = {item.id: item.name for _, item in card.lines(None)} if card else {}
    return {
        "title": f"{rules.category.name}汇总表",
        "stage_id": str(stage_id),
        "rows": summary_rows(lines, rules.category.case_outcomes),
        "totals": summary_totals(lines, rules.category.case_outcomes),
        "item_names": names,
        "maximum": str(card.total) if card else str(Decimal(0)),
    }


async def _lines_seen(tx: Tx, stage_id: UUID) -> list[FinalEntryDossier]:
    """The lines of a list that the reader sees, numbered without gaps."""
    hidden = await unseen(tx)
    found = [FinalEntryDossier.model_validate(one.dossier) for one in await list_of(tx, stage_id)]
    kept = [one for one in found if one.case_id not in hidden]
    if len(kept) == len(found):
        return kept
    return [one.model_copy(update={"position": place}) for place, one in enumerate(kept, 1)]


async def tables(tx: Tx, stage_id: UUID) -> tuple[ReportTable, ...]:
    """The report's tables of a recommendation, once its list is fixed."""
    stage = await stage_row(tx, stage_id)
    rules = rules_of(stage)
    lines = await _lines_seen(tx, stage_id)
    if not lines or not rules.recommends:
        raise NotFound("总表尚未形成。")
    title = f"{rules.category.name}汇总表"
    filings = {
        copy.number: ApplicationDossier.model_validate(copy.application)
        for copy in await cases_of(tx, stage_id)
        if copy.application is not None
    }
    return evaluation_tables(title, rules.category, lines, filings)
