"""Targets that the office records before enterprises file actuals, and their lock by two persons."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.submission import store
from services.submission.actions.rules import category_of
from services.submission.domain import filing
from services.submission.tables import Target, TargetLock
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.infra.tables import Stage
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.canonical import digest, plain
from shared.kernel.refusals import Conflict, Refusal
from shared.rulebook import Category, check_figures, read_figures

LOCK = "target.lock"


async def record_target(
    tx: Tx, stage_id: UUID, enterprise_id: UUID, raw: Mapping[str, Any], source: str, official: dict[str, Any] | None
) -> Target:
    """Record an enterprise's targets from the approved plan; until the lock they may be recorded again."""
    stage = await targets_stage(tx, stage_id)
    await store.enterprise_of(tx, enterprise_id)
    await tx.lock("targets", stage.category_id)
    await _require_unlocked(tx, stage.category_id)
    filing.require_reason(source, "source")
    entered = filing.stored_figures(_complete(stage, raw))
    target = await store.target_of(tx, stage.category_id, enterprise_id) or Target(
        category_id=stage.category_id, enterprise_id=enterprise_id
    )
    target.entered, target.official = entered, plain(official)
    target.source, target.recorded_at = source, tx.now
    tx.session.add(target)
    await tx.audit(
        "target.recorded",
        cycle_id=stage.cycle_id,
        category_id=stage.category_id,
        stage_id=stage_id,
        enterprise=enterprise_id,
        targets=entered,
        source=source,
    )
    return target


def has_targets(category: Category) -> bool:
    """Whether the office records targets before anybody files."""
    return any(fact.filled_by == "office" for fact in category.facts)


async def targets_stage(tx: Tx, stage_id: UUID) -> Stage:
    """The stage of a category for which the office records targets."""
    stage = await stage_row(tx, stage_id, share=True)
    if not has_targets(category_of(stage)):
        raise Refusal("no_targets", "本项目没有由办公室登记的目标值。", field="stage_id")
    return stage


async def _require_unlocked(tx: Tx, category_id: UUID) -> None:
    if await store.target_lock(tx, category_id) is not None:
        raise Conflict("targets_locked", "目标值已由双人锁定，不能再修改。")


def _complete(stage: Stage, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Targets must be complete: a missing one is recorded as null, never left out."""
    category = category_of(stage)
    figures = filing.read_entry(category, raw, "office")
    problems = check_figures(category, None, read_figures(category, raw).figures, filled_by="office")
    if problems:
        raise Refusal("figures", problems[0].message, field=problems[0].field, problems=problems)
    return dict(figures)


async def targets_digest(tx: Tx, category_id: UUID) -> str:
    """What two persons lock: all targets of the category, in the order of the enterprises' ids."""
    targets = await store.targets_of(tx, category_id)
    rows = [{"enterprise": one.enterprise_id, "targets": one.entered} for one in targets]
    return digest({"act": LOCK, "category_id": category_id, "targets": rows})


async def lock_targets(tx: Tx, stage_id: UUID, ticket: Ticket | None) -> TargetLock:
    """Lock all targets of the category by two persons; from then on enterprises may submit."""
    stage = await targets_stage(tx, stage_id)
    await tx.lock("targets", stage.category_id)
    await _require_unlocked(tx, stage.category_id)
    if not await store.targets_of(tx, stage.category_id):
        raise Conflict("no_targets", "还没有登记目标值。")
    agreed = await targets_digest(tx, stage.category_id)
    used = await use_ticket(tx, ticket, LOCK, agreed)
    lock = TargetLock(category_id=stage.category_id, digest=agreed, ticket_id=used.ticket_id, locked_at=tx.now)
    tx.session.add(lock)
    await tx.audit(
        "target.locked", cycle_id=stage.cycle_id, category_id=stage.category_id, stage_id=stage_id, public=agreed
    )
    return lock
