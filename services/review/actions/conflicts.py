"""Who of the pool has a conflict with the cases of a panel as things stand."""

from uuid import UUID

from services.review import store
from services.review.domain.conflicts import KIND_WORDS, Found, conflicts_of
from services.review.rulebooks import panel_rules
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.calendar import business_date
from shared.rulebook import StageKind


async def conflicts_on(tx: Tx, stage: Stage, only: UUID | None = None) -> list[Found]:
    """Every conflict of the pool's experts, or of one, with the standing cases of a panel."""
    cases = await store.standing_cases(tx, stage.stage_id)
    organisations = [case.credit_code for case in cases if case.credit_code]
    if not organisations:
        return []
    groups, years = await store.groups(tx), earlier_panel_years(stage)
    return [
        found
        for one in await store.tied(tx, stage.stage_id, only, with_panels=years > 0)
        for found in conflicts_of(one, organisations, groups, today=business_date(tx.now), years=years)
    ]


def earlier_panel_years(stage: Stage) -> int:
    """So many years an earlier panel on the same subject keeps an expert away from this one; 0: not at all."""
    return panel_rules(stage).earlier_panel_years if stage.kind == StageKind.PANEL_REVIEW else 0


def words_of(found: Found) -> str:
    """A conflict in words, with what shows it."""
    return f"{KIND_WORDS[found.kind]}：{found.evidence}"
