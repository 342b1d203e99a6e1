"""Reads of enterprises, cycles, stages and the targets locked in them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.submission.tables import (
    Closing,
    Cycle,
    Enterprise,
    StageCopy,
    Target,
    TargetLock,
)
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.ids import derived_id
from shared.kernel.refusals import NotFound
from shared.kernel.stages import RUNNING


async def enterprise_of(tx: Tx, enterprise_id: UUID) -> Enterprise:
    """The enterprise.

    Raises:
        NotFound: it is not registered.
    """
    found = await tx.session.get(Enterprise, enterprise_id)
    if found is None:
        raise NotFound("没有找到这家企业，请先由办公室登记。")
    return found


async def enterprises(tx: Tx, ids: Collection[UUID] | None = None) -> Sequence[Enterprise]:
    """Registered enterprises by name; only those named, if any are."""
    query = select(Enterprise).order_by(col(Enterprise.name))
    if ids is not None:
        query = query.where(col(Enterprise.enterprise_id).in_(list(ids)))
    return (await tx.session.exec(query)).all()


async def cycle_of(tx: Tx, cycle_id: UUID) -> Cycle | None:
    """The cycle as office opened it, if its fact has come in."""
    return await tx.session.get(Cycle, cycle_id)


async def running_stage_of(tx: Tx, category_id: UUID, kind: str) -> Stage | None:
    """This service's open or paused stage of a kind in a category."""
    query = select(Stage).where(
        col(Stage.category_id) == category_id,
        col(Stage.kind) == kind,
        col(Stage.state).in_([state.value for state in RUNNING]),
    )
    return (await tx.session.exec(query)).first()


async def keep_release(tx: Tx, category_id: UUID) -> None:
    """The list of a category is out: its release is a stage without a row of its own anywhere."""
    row = {"category_id": category_id, "source": "publication", "kind": "release", "state": "closed", "version": 1}
    row |= {"stage_id": derived_id("release", category_id), "opens_at": tx.now, "closes_at": tx.now}
    await tx.session.execute(insert(StageCopy).values(**row).on_conflict_do_nothing(index_elements=["stage_id"]))


async def stage_copies(tx: Tx, category_ids: Collection[UUID]) -> dict[UUID, dict[str, StageCopy]]:
    """The stages of categories that have begun, by kind; of a kind the first is the list's own, the others belong to
    seats that were refilled later."""
    query = select(StageCopy).where(col(StageCopy.category_id).in_(list(category_ids)))
    found: dict[UUID, dict[str, StageCopy]] = {one: {} for one in category_ids}
    for copy in await tx.session.exec(query.order_by(col(StageCopy.opens_at))):
        found[copy.category_id].setdefault(copy.kind, copy)
    return found


async def cycle_years(tx: Tx, cycle_ids: Collection[UUID]) -> dict[UUID, int]:
    """The award years of cycles whose fact has come in."""
    query = select(Cycle).where(col(Cycle.cycle_id).in_(list(cycle_ids)))
    return {cycle.cycle_id: cycle.year for cycle in await tx.session.exec(query)}


async def closing_of(tx: Tx, stage_id: UUID) -> Closing | None:
    """The office's act to end the stage, if there was one."""
    return await tx.session.get(Closing, stage_id)


async def targets_of(tx: Tx, category_id: UUID) -> Sequence[Target]:
    """All recorded targets of a category."""
    query = select(Target).where(col(Target.category_id) == category_id).order_by(col(Target.enterprise_id))
    return (await tx.session.exec(query)).all()


async def target_of(tx: Tx, category_id: UUID, enterprise_id: UUID) -> Target | None:
    """The targets of one enterprise, if recorded."""
    return await tx.session.get(Target, (category_id, enterprise_id))


async def target_lock(tx: Tx, category_id: UUID) -> TargetLock | None:
    """The lock on a category's targets, if two persons have set it."""
    return await tx.session.get(TargetLock, category_id)
