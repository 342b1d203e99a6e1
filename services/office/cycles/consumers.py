"""What the owners of stages say, kept as a read copy; a closed stage lets its track go on."""

from services.office.cycles import store
from services.office.cycles.actions import plan_supplement
from services.office.cycles.domain import CategoryState, CycleState, PlanState
from services.office.cycles.tables import ChangeRequest, StagePlan
from shared.contracts.facts import (
    CategoryReleased,
    CycleReleased,
    SeatFilled,
    StageChanged,
    StageClosed,
    StageOpened,
)
from shared.contracts.names import category_workflow_id, cycle_workflow_id
from shared.infra.database import Tx
from shared.infra.messaging import Interests
from shared.kernel.refusals import NotFound
from shared.rulebook import StageKind


class IncompleteFact(Exception):
    """A fact lacks what its meaning needs; it is set aside, whole."""


def listen_to_stages(interests: Interests) -> None:
    """Register the consumers ``office-stages`` and ``office-lists``."""
    interests.on("stages", StageOpened)(stage_opened)
    interests.on("stages", StageChanged)(stage_changed)
    interests.on("stages", StageClosed)(stage_closed)
    interests.on("lists", SeatFilled, source="ranking")(seat_filled)
    interests.on("lists", CategoryReleased, source="publication")(category_released)
    interests.on("lists", CycleReleased, source="publication")(cycle_released)


async def stage_opened(tx: Tx, fact: StageOpened) -> None:
    """The owner has the stage row now; a newer word about it is not undone."""
    plan = await store.stage_plan(tx, fact.stage_id, update=True)
    plan.opens_at = fact.opens_at
    if fact.version > plan.version:
        plan.version, plan.state = fact.version, PlanState.OPEN
        _copy_term(plan, fact)
    tx.session.add(plan)
    await tx.expect(category_workflow_id(plan.category_id, plan.supplement), None)


def _copy_term(plan: StagePlan, fact: StageOpened | StageChanged) -> None:
    plan.closes_at, plan.provisional, plan.term = fact.closes_at, fact.provisional, fact.term
    plan.counted_days = list(fact.counted_days)


async def stage_changed(tx: Tx, fact: StageChanged) -> None:
    """Term, state, whom it waits for; and the answer to a request, whatever the version."""
    plan = await store.stage_plan(tx, fact.stage_id, update=True)
    if fact.version > plan.version:
        plan.version, plan.state = fact.version, PlanState(fact.state)
        _copy_term(plan, fact)
        plan.stuck, plan.waits_for, plan.paused_on = fact.stuck, fact.waits_for, fact.paused_on
        tx.session.add(plan)
    if fact.request_id is not None:
        await _answer_request(tx, fact)


async def _answer_request(tx: Tx, fact: StageChanged) -> None:
    request = await tx.session.get(ChangeRequest, fact.request_id, with_for_update=True)
    if request is None:
        raise NotFound("没有这项变更申请。")
    request.state = "refused" if fact.refused else "applied"
    request.refused, request.answered_at = fact.refused, tx.now
    tx.session.add(request)


async def stage_closed(tx: Tx, fact: StageClosed) -> None:
    """The stage is over: its manifest and instants are what the next one begins with."""
    plan = await store.stage_plan(tx, fact.stage_id, update=True)
    if plan.closed_at is not None:
        return
    plan.version, plan.state = max(plan.version, fact.version), PlanState(fact.state)
    plan.closed_at, plan.counted_from, plan.cases = fact.closed_at, fact.counted_from, fact.cases
    plan.manifest_id, plan.manifest_digest = fact.manifest_id, fact.manifest_digest
    plan.manifest_source = fact.source if fact.manifest_id else None
    plan.waits_for, plan.stuck = None, False
    tx.session.add(plan)
    if plan.state == PlanState.CANCELLED:
        await _cancel_rest(tx, plan)
    work = category_workflow_id(plan.category_id, plan.supplement)
    await tx.expect(work, None)
    await tx.nudge(work)


async def _cancel_rest(tx: Tx, cancelled: StagePlan) -> None:
    for plan in await store.stages_of_track(tx, cancelled.category_id, cancelled.supplement):
        if plan.state == PlanState.PLANNED:
            plan.state = PlanState.CANCELLED
            tx.session.add(plan)


async def seat_filled(tx: Tx, fact: SeatFilled) -> None:
    """The guidance committee refilled a seat: plan its consultation and its own notice."""
    if fact.category_id is None:
        raise IncompleteFact("a filled seat names its category")
    await plan_supplement(tx, fact.category_id, fact.supplement, fact.manifest_id, fact.manifest_digest)


async def category_released(tx: Tx, fact: CategoryReleased) -> None:
    """A list is out."""
    if fact.category_id is None:
        raise IncompleteFact("a released list names its category")
    if fact.supplement:
        return
    category = await store.category_row(tx, fact.category_id, update=True)
    category.state, category.entries, category.released_at = CategoryState.RELEASED, fact.entries, tx.now
    tx.session.add(category)
    for plan in await store.stages_of_track(tx, fact.category_id, 0):
        if plan.kind == StageKind.RELEASE:
            plan.state, plan.opens_at, plan.closed_at = PlanState.CLOSED, plan.opens_at or tx.now, tx.now
            plan.cases = fact.entries
            tx.session.add(plan)


async def cycle_released(tx: Tx, fact: CycleReleased) -> None:
    """All lists of a cycle are out: the cycle is over."""
    if fact.cycle_id is None:
        raise IncompleteFact("a released cycle names itself")
    cycle = await store.cycle_row(tx, fact.cycle_id, update=True)
    if cycle.state != CycleState.OPEN:
        return
    cycle.state, cycle.released_at, cycle.stuck = CycleState.RELEASED, tx.now, None
    tx.session.add(cycle)
    await tx.audit("cycle.over", cycle_id=cycle.cycle_id)
    await tx.nudge(cycle_workflow_id(cycle.cycle_id))
    await tx.finish_work(cycle_workflow_id(cycle.cycle_id))
