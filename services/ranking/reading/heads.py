"""Where a stage is and until when."""

from typing import Any

from sqlalchemy import select

from services.ranking.rules import rules_of
from shared.infra.database import Tx
from shared.infra.stages import counted_days
from shared.infra.tables import Stage


async def stages_shown(tx: Tx) -> list[dict[str, Any]]:
    """All stages of ranking, running ones first, then the newest."""
    order = (Stage.closed_at.desc().nulls_first(), Stage.opens_at.desc())  # type: ignore[union-attr, attr-defined]
    found = await tx.session.execute(select(Stage).order_by(*order))
    return [stage_head(stage) for stage in found.scalars()]


def stage_head(stage: Stage) -> dict[str, Any]:
    """Where a stage is and until when."""
    rules = rules_of(stage)
    return {
        "stage_id": str(stage.stage_id),
        "kind": stage.kind,
        "cycle_id": str(stage.cycle_id),
        "category_id": str(stage.category_id),
        "category_key": stage.category_key,
        "category": rules.category.name,
        "programme": rules.rulebook.short_title,
        "supplement": stage.supplement,
        "state": stage.state,
        "waits_for": stage.waits_for,
        "stuck": stage.stuck,
        "opens_at": stage.opens_at.isoformat(),
        "closes_at": stage.closes_at.isoformat() if stage.closes_at else None,
        "counted_days": list(counted_days(stage)),
        "provisional": bool(stage.term and stage.term["provisional"]),
        "closed_at": stage.closed_at.isoformat() if stage.closed_at else None,
        "manifest_digest": stage.manifest_out_digest,
    }
