"""Reads of cycles, categories, tracks and planned stages."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from services.office.cycles.domain import Handover, PlanState, Standing
from services.office.cycles.tables import CategoryRow, ChangeRequest, Cycle, StagePlan, Track
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound


async def cycle_row(tx: Tx, cycle_id: UUID, *, update: bool = False) -> Cycle:
    """A cycle."""
    cycle = await tx.session.get(Cycle, cycle_id, with_for_update=update or None)
    if cycle is None:
        raise NotFound("没有这个活动年度。")
    return cycle


async def all_cycles(tx: Tx) -> Sequence[Cycle]:
    """All cycles, newest first."""
    return (await tx.session.exec(select(Cycle).order_by(col(Cycle.opened_at).desc()))).all()


async def same_cycle(tx: Tx, rulebook_id: str, year: int, title: str) -> Cycle | None:
    """A cycle of the same rulebook, year and title."""
    query = select(Cycle).where(Cycle.rulebook_id == rulebook_id, Cycle.year == year, Cycle.title == title)
    return (await tx.session.exec(query)).one_or_none()


async def category_row(tx: Tx, category_id: UUID, *, update: bool = False) -> CategoryRow:
    """A category; ``update`` before its state is changed."""
    category = await tx.session.get(CategoryRow, category_id, with_for_update=update or None)
    if category is None:
        raise NotFound("没有这个发布项目。")
    return category


async def categories_of(tx: Tx, cycle_id: UUID) -> Sequence[CategoryRow]:
    """The categories of a cycle in order."""
    query = select(CategoryRow).where(CategoryRow.cycle_id == cycle_id).order_by(col(CategoryRow.position))
    return (await tx.session.exec(query)).all()


async def track_row(tx: Tx, category_id: UUID, supplement: int, *, update: bool = False) -> Track:
    """A track of a category."""
    track = await tx.session.get(Track, (category_id, supplement), with_for_update=update or None)
    if track is None:
        raise NotFound("没有这条办理线。")
    return track


async def main_tracks(tx: Tx, cycle_id: UUID) -> Sequence[Track]:
    """The main tracks of a cycle's categories."""
    query = select(Track).join(CategoryRow, col(CategoryRow.category_id) == col(Track.category_id))
    return (await tx.session.exec(query.where(CategoryRow.cycle_id == cycle_id, Track.supplement == 0))).all()


async def stage_plan(tx: Tx, stage_id: UUID, *, update: bool = False) -> StagePlan:
    """A planned stage."""
    plan = await tx.session.get(StagePlan, stage_id, with_for_update=update or None)
    if plan is None:
        raise NotFound("没有找到这个阶段。")
    return plan


async def stages_of_track(tx: Tx, category_id: UUID, supplement: int) -> Sequence[StagePlan]:
    """The stages of a track in order."""
    query = select(StagePlan).where(StagePlan.category_id == category_id, StagePlan.supplement == supplement)
    return (await tx.session.exec(query.order_by(col(StagePlan.position)))).all()


async def categories_of_cycles(tx: Tx, cycle_ids: Sequence[UUID]) -> Sequence[CategoryRow]:
    """The categories of several cycles, in order."""
    query = select(CategoryRow).where(col(CategoryRow.cycle_id).in_(cycle_ids))
    return (await tx.session.exec(query.order_by(col(CategoryRow.position)))).all()


async def stages_of_cycles(tx: Tx, cycle_ids: Sequence[UUID]) -> Sequence[StagePlan]:
    """All stages of several cycles, by track and position."""
    query = select(StagePlan).where(col(StagePlan.cycle_id).in_(cycle_ids))
    return (await tx.session.exec(query.order_by(col(StagePlan.supplement), col(StagePlan.position)))).all()


async def stuck_tracks(tx: Tx, category_ids: Sequence[UUID]) -> Sequence[Track]:
    """Tracks whose workflow met a refusal."""
    query = select(Track).where(col(Track.category_id).in_(category_ids), col(Track.stuck).is_not(None))
    return (await tx.session.exec(query)).all()


async def open_requests(tx: Tx, stage_ids: Sequence[UUID]) -> Sequence[ChangeRequest]:
    """Changes that were asked and not yet answered."""
    query = select(ChangeRequest).where(col(ChangeRequest.stage_id).in_(stage_ids), ChangeRequest.state == "requested")
    return (await tx.session.exec(query)).all()


async def changes_of_stages(tx: Tx, stage_ids: Sequence[UUID], limit: int = 100) -> Sequence[ChangeRequest]:
    """What was asked of several stages, newest first."""
    query = select(ChangeRequest).where(col(ChangeRequest.stage_id).in_(stage_ids))
    return (await tx.session.exec(query.order_by(col(ChangeRequest.asked_at).desc()).limit(limit))).all()


async def change_request(tx: Tx, request_id: UUID, *, update: bool = False) -> ChangeRequest:
    """One thing asked of a stage."""
    found = await tx.session.get(ChangeRequest, request_id, with_for_update=update or None)
    if found is None:
        raise NotFound("没有这项变更申请。")
    return found


async def changes_of(tx: Tx, stage_id: UUID) -> Sequence[ChangeRequest]:
    """All changes asked of a stage, newest first."""
    query = select(ChangeRequest).where(ChangeRequest.stage_id == stage_id)
    return (await tx.session.exec(query.order_by(col(ChangeRequest.asked_at).desc()))).all()


def standing(plan: StagePlan) -> Standing:
    """A planned stage as the rules see it."""
    return Standing(
        stage_id=plan.stage_id,
        position=plan.position,
        kind=plan.kind,
        state=PlanState(plan.state),
        started_at=plan.started_at,
        closed_at=plan.closed_at,
        counted_from=plan.counted_from,
        manifest_id=plan.manifest_id,
        manifest_digest=plan.manifest_digest,
        manifest_source=plan.manifest_source,
    )


def given_to(track: Track) -> Handover:
    """What a track began with."""
    return Handover(track.manifest_id, track.manifest_digest, track.manifest_source)
