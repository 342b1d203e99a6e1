"""Reads and writes of zero conditions and vetoes that were raised."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.review.store.rows import rows_of
from services.review.tables import (
    Finding,
)
from shared.infra.database import Tx


async def findings(tx: Tx, stage_id: UUID) -> list[Finding]:
    """What was raised about the cases of a panel, oldest first."""
    return await rows_of(tx, Finding, Finding.stage_id == stage_id, order=(Finding.raised_at, Finding.finding_id))


async def keep_finding(tx: Tx, row: Finding) -> bool:
    """Keep what was raised; False when the same was raised about the case before."""
    written = await tx.session.execute(
        insert(Finding).values(**row.model_dump()).on_conflict_do_nothing().returning(Finding.finding_id)  # type: ignore[call-overload]
    )
    return written.one_or_none() is not None
