"""How many cases of a running stack a change of rules would touch."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlmodel import col, func, select

from deploy.declared import settings_on
from deploy.rebuild import running_services
from deploy.stack import Stack, StackRefusal
from services.submission.domain.cases import LIVING
from services.submission.tables import Case, StageCopy
from shared.infra.database import Database, Tx
from shared.kernel.stages import RUNNING, StageState
from shared.rulebook import StageKind

SUBMISSION = "submission"


def open_cases(data: Path | None, rulebook_id: str) -> dict[str, int] | None:
    """Category key → living cases in categories not yet released; None when no stack runs in the directory."""
    stack = Stack(data)
    try:
        running = running_services(stack)
    except StackRefusal:
        return None
    return asyncio.run(_counted(stack, rulebook_id)) if SUBMISSION in running else None


async def _counted(stack: Stack, rulebook_id: str) -> dict[str, int]:
    database = Database(settings_on(stack, SUBMISSION).database_url, SUBMISSION, pool=1)
    try:
        async with database.transaction() as tx:
            return await count_open_cases(tx, rulebook_id)
    finally:
        await database.close()


async def count_open_cases(tx: Tx, rulebook_id: str) -> dict[str, int]:
    """The living cases of each category of a rulebook whose release is not over."""
    over = set(StageState) - RUNNING
    released = select(StageCopy.category_id).where(
        col(StageCopy.kind) == StageKind.RELEASE.value, col(StageCopy.state).in_([state.value for state in over])
    )
    query = (
        select(col(Case.category_key), func.count())
        .where(
            col(Case.rulebook_id) == rulebook_id,
            col(Case.state).in_([state.value for state in LIVING]),
            col(Case.category_id).not_in(released),
        )
        .group_by(col(Case.category_key))
    )
    return {category: int(count) for category, count in (await tx.session.exec(query)).all()}
