"""Who of the pool has a conflict with the cases of a panel as things stand."""

from collections.abc import Sequence
from uuid import UUID

from services.review import store
from services.review.domain.conflicts import KIND_WORDS, Found, conflicts_of
from services.review.rulebooks import panel_rules
from services.review.tables import CaseCopy
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.calendar import business_date
from shared.rulebook import StageKind


async def conflicts_on(tx: Tx, stage: Stage, only: UUID | None = None) -> list[Found]:
    """Every conflict of the pool's experts, or of one, with the standing cases of a panel."""
    return await conflicts_with(tx, stage, await store.standing_cases(tx, stage.stage_id), only)


async def conflicts_with(tx: Tx, stage: Stage, cases: Sequence[CaseCopy], only: UUID | None = None) -> list[Found]:
    """As ``conflicts_on``, with some of the cases alone."""
    organisations = [case.credit_code for case in cases if case.credit_code]
    if not organisations:
        return []
    groups, years = await store.groups(tx), _years(stage)
    return [
        found
        for one in await store.tied(tx, stage.stage_id, only, with_panels=years > 0)
        for found in conflicts_of(one, organisations, groups, today=business_date(tx.now), years=years)
    ]


def _years(stage: Stage) -> int:
    return panel_rules(stage).earlier_panel_years if stage.kind == StageKind.PANEL_REVIEW else 0


def words_of(found: Found) -> str:
    """A conflict in words, with what shows it."""
    return f"{KIND_WORDS[found.kind]}：{found.evidence}"
