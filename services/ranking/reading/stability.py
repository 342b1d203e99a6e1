"""How firmly a ranking stands."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.ranking.actions.members import unseen
from services.ranking.actions.stability import is_examined, sheets_examined
from services.ranking.reading.heads import stage_head
from services.ranking.reading.stages import ranking_shown
from services.ranking.rules import rules_of
from services.ranking.store import (
    entries_of,
)
from services.ranking.tables import (
    StabilityRow,
)
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.infra.tables import Stage
from shared.kernel.refusals import NotFound


async def rankings_examined(tx: Tx) -> list[dict[str, Any]]:
    """The decisions whose rankings rest on experts' sheets and were examined."""
    query = select(Stage).join(StabilityRow, StabilityRow.stage_id == Stage.stage_id)  # type: ignore[arg-type]
    found = await tx.session.execute(query.order_by(Stage.opens_at.desc()))  # type: ignore[attr-defined]
    return [stage_head(stage) for stage in found.scalars()]


_NOTHING: dict[str, Any] = {"inside": {}, "left_out": [], "lines": []}


async def stability_shown(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """How firmly a ranking stands, with its entries; nothing where no experts scored.

    Withheld from who stands aside from a case in it: the shares of the others add up to the places that it leaves.
    """
    stage, hidden = await stage_row(tx, stage_id), await unseen(tx)
    if stage.kind != "decision":
        raise NotFound("本阶段没有排序。")
    kept = await tx.session.get(StabilityRow, stage_id)
    everything = await entries_of(tx, stage_id)
    entries = [one for one in everything if one.case_id not in hidden]
    withheld = kept is not None and len(entries) < len(everything)
    return {
        **stage_head(stage),
        "stability": {**kept.content, **(_NOTHING if withheld else {})} if kept else None,
        "withheld": withheld,
        "ranking": ranking_shown(rules_of(stage), entries, {}, hidden),
    }


async def sheets_shown(tx: Tx, stage_id: UUID) -> dict[str, Any] | None:
    """Sheets that stand out; nothing where no experts scored."""
    stage = await stage_row(tx, stage_id)
    return await sheets_examined(tx, stage) if stage.kind == "decision" and is_examined(stage) else None
