"""The sweeper: one query selects the open work that is due, and nudges only that. It also mends lost timers."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from shared.infra.database import Database, Tx
from shared.infra.tables import OpenWork
from shared.kernel.calendar import business_date, end_of_day

ROUND_SECONDS = 60.0


async def sweep(tx: Tx) -> int:
    """Nudge every piece of open work whose business due time has come and was not nudged for it."""
    found = await tx.session.execute(
        select(OpenWork)
        .where(
            OpenWork.due_at <= tx.now,  # type: ignore[operator, arg-type]
            or_(OpenWork.nudged_for.is_(None), OpenWork.nudged_for < OpenWork.due_at),  # type: ignore[union-attr, operator, arg-type]
        )
        .with_for_update(skip_locked=True)
    )
    due = list(found.scalars())
    for work in due:
        work.nudged_for = work.due_at
        tx.session.add(work)
        await tx.command(work.model_dump())
    return len(due)


async def ensure_all(tx: Tx) -> int:
    """Start or nudge all open work: what ``rebuild`` does after Temporal was wiped."""
    found = await tx.session.execute(select(OpenWork).order_by(OpenWork.workflow_id))
    rows = list(found.scalars())
    for work in rows:
        await tx.command(work.model_dump())
    return len(rows)


async def run_sweeper(database: Database) -> None:
    """Sweep each minute, and all open work just after local midnight."""
    midnight: datetime | None = None
    while True:
        async with database.transaction() as tx:
            if midnight is not None and tx.now >= midnight:
                await ensure_all(tx)
            else:
                await sweep(tx)
            midnight = end_of_day(business_date(tx.now)) + timedelta(seconds=1)
        await asyncio.sleep(ROUND_SECONDS)
