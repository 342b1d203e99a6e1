"""What people and workflows may do with cycles: open, ask a stage's change, set the release date, run tracks."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.office.cycles import domain, store
from services.office.cycles.domain import CategoryState, CycleState, PlannedStage, PlanState, TrackState
from services.office.cycles.tables import CategoryRow, ChangeRequest, Cycle, StagePlan, Track
from shared.contracts.facts import CategoryOpened, CycleOpened, ReleaseDated, StageChangeRequested
from shared.contracts.names import category_workflow_id, cycle_workflow_id
from shared.contracts.workflows import CategoryRef, CycleRef, StageRef
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.rulebooks import by_digest
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.canonical import digest
from shared.kernel.ids import derived_id
from shared.kernel.names import seen_name
from shared.kernel.refusals import Conflict, Refusal
from shared.kernel.stages import StageChange
from shared.rulebook import Category

STAGE_CHANGE = "stage.change"


async def open_cycle(
    tx: Tx,
    *,
    rulebook_id: str,
    rulebook_digest: str,
    year: int,
    title: str,
    categories: Sequence[str] = (),
    accept_unconfirmed_reason: str | None = None,
) -> Cycle:
    """Open a year under a pinned rulebook version and plan every stage of its categories.

    Refuses an unknown version, an unknown category, the same cycle twice, and unconfirmed readings that nobody
    accepts with a reason (article 25).
    """
    rulebook = by_digest(rulebook_id, rulebook_digest)
    chosen = domain.choose_categories(rulebook, categories)
    domain.require_readings_accepted(rulebook, accept_unconfirmed_reason)
    if await store.same_cycle(tx, rulebook_id, year, title) is not None:
        raise Conflict("cycle_exists", "同一实施办法、同一年度、同一名称的活动已经启动。", field="title")
    cycle = Cycle(
        cycle_id=new_id(),
        rulebook_id=rulebook_id,
        rulebook_digest=rulebook_digest,
        year=year,
        title=seen_name(title, "title"),
        state=CycleState.OPEN,
        unconfirmed=len(rulebook.unconfirmed()),
        accept_unconfirmed_reason=accept_unconfirmed_reason,
        opened_by=tx.actor.account_id or UUID(int=0),
        opened_at=tx.now,
    )
    tx.session.add(cycle)
    # Without relationships the order of inserts is ours: parents first.
    await tx.session.flush()
    for position, category in enumerate(chosen):
        await _plan_category(tx, cycle, category, position)
    await tx.audit("cycle.opened", cycle_id=cycle.cycle_id, public=rulebook_digest, rulebook=rulebook_id, year=year)
    if cycle.unconfirmed:
        readings = [setting.id for setting in rulebook.unconfirmed()]
        await tx.audit(
            "readings.accepted", cycle_id=cycle.cycle_id, readings=readings, reason=accept_unconfirmed_reason
        )
    await tx.emit(
        CycleOpened(cycle_id=cycle.cycle_id, rulebook_id=rulebook_id, rulebook_digest=rulebook_digest, year=year)
    )
    await tx.ensure("CycleLifecycle", cycle_workflow_id(cycle.cycle_id), cycle_ref(cycle))
    return cycle


async def _plan_category(tx: Tx, cycle: Cycle, category: Category, position: int) -> None:
    category_id = derived_id("category", cycle.cycle_id, category.key)
    tx.session.add(
        CategoryRow(
            category_id=category_id,
            cycle_id=cycle.cycle_id,
            key=category.key,
            name=category.name,
            position=position,
            state=CategoryState.PLANNED,
        )
    )
    await tx.session.flush()
    tx.session.add(Track(category_id=category_id, supplement=0, state=TrackState.RUNNING))
    _add_stages(tx, cycle.cycle_id, category_id, 0, domain.plan_main_track(category_id, category))


def _add_stages(tx: Tx, cycle_id: UUID, category_id: UUID, supplement: int, stages: Iterable[PlannedStage]) -> None:
    for stage in stages:
        tx.session.add(
            StagePlan(
                stage_id=stage.stage_id,
                cycle_id=cycle_id,
                category_id=category_id,
                supplement=supplement,
                position=stage.position,
                kind=stage.kind,
                title=stage.title,
                article=stage.article,
                owner=stage.owner,
                state=PlanState.PLANNED,
                counted_days=[],
            )
        )


async def open_categories(tx: Tx, cycle_id: UUID) -> None:
    """Open every planned category of a cycle and let its main track run."""
    cycle = await store.cycle_row(tx, cycle_id, update=True)
    cycle.stuck = None
    tx.session.add(cycle)
    for category in await store.categories_of(tx, cycle_id):
        if category.state == CategoryState.PLANNED:
            category.state = CategoryState.OPEN
            tx.session.add(category)
            await tx.audit("category.opened", cycle_id=cycle_id, category_id=category.category_id)
            await tx.emit(
                CategoryOpened(
                    cycle_id=cycle_id,
                    category_id=category.category_id,
                    category_key=category.key,
                    rulebook_id=cycle.rulebook_id,
                    rulebook_digest=cycle.rulebook_digest,
                )
            )
            await _run_track(tx, cycle, category, 0)


async def plan_supplement(tx: Tx, category_id: UUID, supplement: int, manifest_id: UUID, manifest_digest: str) -> None:
    """Plan and run the track of a refilled seat: its own consultation and notice, on its own manifest."""
    if await tx.session.get(Track, (category_id, supplement)) is not None:
        return
    category = await store.category_row(tx, category_id)
    cycle = await store.cycle_row(tx, category.cycle_id)
    rules = by_digest(cycle.rulebook_id, cycle.rulebook_digest).category(category.key)
    tx.session.add(
        Track(
            category_id=category_id,
            supplement=supplement,
            state=TrackState.RUNNING,
            manifest_id=manifest_id,
            manifest_digest=manifest_digest,
            manifest_source="ranking",
        )
    )
    _add_stages(tx, cycle.cycle_id, category_id, supplement, domain.plan_supplement(category_id, rules, supplement))
    await tx.audit("supplement.planned", cycle_id=cycle.cycle_id, category_id=category_id, supplement=supplement)
    await _run_track(tx, cycle, category, supplement)


async def _run_track(tx: Tx, cycle: Cycle, category: CategoryRow, supplement: int) -> None:
    ref = CategoryRef(
        cycle_id=cycle.cycle_id,
        category_id=category.category_id,
        category_key=category.key,
        rulebook_id=cycle.rulebook_id,
        rulebook_digest=cycle.rulebook_digest,
        supplement=supplement,
    )
    await tx.ensure("CategoryLifecycle", category_workflow_id(category.category_id, supplement), ref)


async def prepare_stage(tx: Tx, ref: CategoryRef, *, again: bool = False) -> StageRef | None:
    """Mark the track's next stage as started and say what it works on; None when there is nothing to start.

    ``again``: nobody has heard the first answer, so a stage already marked as started is named once more.
    """
    track = await store.track_row(tx, ref.category_id, ref.supplement, update=True)
    plans = await store.stages_of_track(tx, ref.category_id, ref.supplement)
    standings = [store.standing(plan) for plan in plans]
    step = domain.next_step(standings, tx.system_now + (domain.START_AGAIN if again else timedelta(0)))
    plan = next((one for one in plans if one.stage_id == step.stage_id), None)
    if step.step != "start" or plan is None:
        return None
    if plan.started_at is None:
        await tx.audit(
            "stage.started", cycle_id=ref.cycle_id, category_id=ref.category_id, stage_id=plan.stage_id, kind=plan.kind
        )
    plan.state, plan.started_at, track.stuck = PlanState.STARTED, tx.system_now, None
    tx.session.add_all([plan, track])
    # Until the owner has opened the stage the work is due now: nobody may take the stack for quiet.
    await tx.expect(category_workflow_id(ref.category_id, ref.supplement), tx.now)
    given = domain.handover(standings, plan.position, store.given_to(track))
    return StageRef(
        stage_id=plan.stage_id,
        kind=plan.kind,
        **ref.model_dump(),
        manifest_id=given.manifest_id,
        manifest_digest=given.manifest_digest,
        manifest_source=given.manifest_source,
        counted_from=given.counted_from,
    )


async def end_track(tx: Tx, ref: CategoryRef) -> None:
    """Every stage of the track is over: the category waits for its release, or is at an end."""
    track = await store.track_row(tx, ref.category_id, ref.supplement, update=True)
    if track.state != TrackState.RUNNING:
        return
    plans = await store.stages_of_track(tx, ref.category_id, ref.supplement)
    cancelled = any(plan.state == PlanState.CANCELLED for plan in plans)
    track.state, track.stuck = TrackState.CANCELLED if cancelled else TrackState.ENDED, None
    tx.session.add(track)
    if ref.supplement == 0:
        category = await store.category_row(tx, ref.category_id, update=True)
        if category.state == CategoryState.OPEN:
            category.state = CategoryState.CANCELLED if cancelled else CategoryState.AWAITING_RELEASE
            tx.session.add(category)
    await tx.finish_work(category_workflow_id(ref.category_id, ref.supplement))
    await tx.audit(
        "track.ended", cycle_id=ref.cycle_id, category_id=ref.category_id, supplement=ref.supplement, state=track.state
    )
    await tx.nudge(cycle_workflow_id(ref.cycle_id))


async def ask_change(
    tx: Tx, stage_id: UUID, change: StageChange, days: int | None, reason: str, ticket: Ticket | None
) -> ChangeRequest:
    """Ask a stage's owner for a change; to cancel needs two persons. Shown as 'requested' until answered."""
    plan = await _changeable(tx, stage_id, change, days)
    if change is StageChange.CANCEL:
        await use_ticket(tx, ticket, STAGE_CHANGE, cancel_digest(stage_id, reason))
    request = _change_request(tx, stage_id, change, days, reason, "requested")
    await _state_request(tx, plan, request)
    return request


async def draft_cancellation(tx: Tx, stage_id: UUID, reason: str) -> ChangeRequest:
    """Write down that a stage is to be cancelled, for a second person to agree; nothing is asked of its owner yet."""
    plan = await _changeable(tx, stage_id, StageChange.CANCEL, None)
    request = _change_request(tx, stage_id, StageChange.CANCEL, None, reason, "drafted")
    await tx.audit(
        "stage.cancellation_drafted",
        cycle_id=plan.cycle_id,
        category_id=plan.category_id,
        stage_id=stage_id,
        reason=reason,
    )
    return request


async def ask_drafted(tx: Tx, request_id: UUID, ticket: Ticket | None) -> ChangeRequest:
    """Ask the owner for the cancellation that two persons agreed to."""
    request = await store.change_request(tx, request_id, update=True)
    if request.state != "drafted":
        raise Conflict("already_asked", "这项终止已经提出。")
    plan = await _changeable(tx, request.stage_id, StageChange.CANCEL, None)
    await use_ticket(tx, ticket, STAGE_CHANGE, cancel_digest(request.stage_id, request.reason))
    request.state, request.asked_at = "requested", tx.now
    tx.session.add(request)
    await _state_request(tx, plan, request)
    return request


async def _changeable(tx: Tx, stage_id: UUID, change: StageChange, days: int | None) -> StagePlan:
    plan = await store.stage_plan(tx, stage_id, update=True)
    domain.require_changeable(plan.state, change, days)
    if await store.open_requests(tx, [stage_id]):
        raise Conflict("change_pending", "上一项变更还没有得到答复，请稍后再办理。")
    return plan


def _change_request(
    tx: Tx, stage_id: UUID, change: StageChange, days: int | None, reason: str, state: str
) -> ChangeRequest:
    request = ChangeRequest(
        request_id=new_id(),
        stage_id=stage_id,
        change=change,
        days=days if change is StageChange.EXTEND else None,
        reason=reason,
        state=state,
        asked_by=tx.actor.account_id or UUID(int=0),
        asked_at=tx.now,
    )
    tx.session.add(request)
    return request


async def _state_request(tx: Tx, plan: StagePlan, request: ChangeRequest) -> None:
    await tx.audit(
        "stage.change_requested",
        cycle_id=plan.cycle_id,
        category_id=plan.category_id,
        stage_id=plan.stage_id,
        change=request.change,
        days=request.days,
        reason=request.reason,
    )
    await tx.emit(
        StageChangeRequested(
            cycle_id=plan.cycle_id,
            category_id=plan.category_id,
            stage_id=plan.stage_id,
            owner=plan.owner,
            request_id=request.request_id,
            change=request.change,
            days=request.days,
        )
    )


def cancel_digest(stage_id: UUID, reason: str) -> str:
    """What two persons agree to when a stage is cancelled."""
    return digest({"act": "stage.cancel", "stage": stage_id, "reason": reason})


async def date_release(tx: Tx, cycle_id: UUID, release_at: datetime) -> Cycle:
    """Set the date after which the release no longer waits for held or refilled entries."""
    cycle = await store.cycle_row(tx, cycle_id, update=True)
    if cycle.state != CycleState.OPEN:
        raise Conflict("cycle_over", "该活动年度已经发布或终止。")
    if release_at <= tx.now:
        raise Refusal("release_in_past", "发布日期须晚于现在。", field="release_at")
    cycle.release_at = release_at
    tx.session.add(cycle)
    await tx.audit("release.dated", cycle_id=cycle_id, release_at=release_at)
    await tx.emit(ReleaseDated(cycle_id=cycle_id, release_at=release_at))
    return cycle


async def cancel_cycle(tx: Tx, cycle_id: UUID) -> None:
    """Every category was cancelled: there is nothing to release."""
    cycle = await store.cycle_row(tx, cycle_id, update=True)
    if cycle.state == CycleState.OPEN:
        cycle.state = CycleState.CANCELLED
        tx.session.add(cycle)
        await tx.audit("cycle.cancelled", cycle_id=cycle_id)
    await tx.finish_work(cycle_workflow_id(cycle_id))


def cycle_ref(cycle: Cycle) -> CycleRef:
    """The input of the cycle's workflows."""
    return CycleRef(cycle_id=cycle.cycle_id, rulebook_id=cycle.rulebook_id, rulebook_digest=cycle.rulebook_digest)


def wait_seconds(wait: timedelta | None) -> float | None:
    """A wait as workflows take it."""
    return None if wait is None else max(wait.total_seconds(), 0.05)
