"""The stage row's actions, alike in every service that owns stages: open, change, close.

The term is computed by the calendar alone and kept with its counted days and the calendar's version.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from shared.contracts.facts import StageChanged, StageChangeRequested, StageClosed, StageOpened
from shared.contracts.names import stage_workflow_id
from shared.contracts.stubs import STAGE_WORKFLOWS
from shared.contracts.workflows import StageRef
from shared.infra.calendars import current_calendar
from shared.infra.database import Tx
from shared.infra.tables import OpenWork, Stage
from shared.kernel.calendar import (
    Term,
    Unit,
    business_date,
    count_term,
    days_counted_before,
    extend_term,
    recount,
    resume_term,
)
from shared.kernel.refusals import Conflict, NotFound, Refusal
from shared.kernel.stages import RUNNING, StageChange, StageState, may_change, require_open


async def open_stage(
    tx: Tx, ref: StageRef, *, length: int | None = None, unit: Unit = "working_days", waits_for: str | None = None
) -> Stage:
    """Create the stage row with its term (``length`` units counted from the day after ``counted_from``), once."""
    found = await tx.session.get(Stage, ref.stage_id)
    if found is not None:
        return found
    term = None
    if length is not None:
        calendar = await current_calendar(tx)
        term = count_term(calendar, business_date(ref.counted_from or tx.now), length, unit)
    stage = Stage(
        stage_id=ref.stage_id,
        kind=ref.kind,
        cycle_id=ref.cycle_id,
        category_id=ref.category_id,
        category_key=ref.category_key,
        rulebook_id=ref.rulebook_id,
        rulebook_digest=ref.rulebook_digest,
        supplement=ref.supplement,
        state=StageState.OPEN,
        opens_at=tx.now,
        closes_at=term.closes_at if term else None,
        term=term_json(term) if term else None,
        manifest_in=ref.manifest_id,
        manifest_in_digest=ref.manifest_digest,
        manifest_in_source=ref.manifest_source,
        waits_for=waits_for,
    )
    tx.session.add(stage)
    tx.session.add(
        OpenWork(
            workflow_id=stage_workflow_id(ref.stage_id),
            workflow=STAGE_WORKFLOWS[ref.kind][1],
            queue=tx.service,
            ref=ref.model_dump(mode="json"),
            due_at=stage.closes_at,
        )
    )
    await tx.audit("stage.opened", **stage_place(stage), term=stage.term)
    await tx.emit(
        StageOpened(
            source=tx.service,
            cycle_id=ref.cycle_id,
            category_id=ref.category_id,
            stage_id=ref.stage_id,
            kind=ref.kind,
            opens_at=stage.opens_at,
            closes_at=stage.closes_at,
            counted_days=counted_days(stage),
            provisional=bool(term and term.provisional),
            term=stage.term,
            supplement=ref.supplement,
        )
    )
    if waits_for is not None:
        await state_stage(tx, stage)
    return stage


async def set_term(tx: Tx, stage: Stage, starts_on: date, length: int, unit: Unit = "working_days") -> Term:
    """Give a running stage a (new) term, such as scoring after the undertakings; returns it."""
    term = count_term(await current_calendar(tx), starts_on, length, unit)
    stage.term, stage.closes_at = term_json(term), term.closes_at
    await tx.expect(stage_workflow_id(stage.stage_id), term.closes_at)
    await tx.audit("stage.term_set", **stage_place(stage), term=stage.term)
    await state_stage(tx, stage)
    return term


async def clear_term(tx: Tx, stage: Stage) -> None:
    """Leave a running stage without a term: nothing in it ends by itself until it is given one again."""
    stage.term, stage.closes_at = None, None
    await tx.expect(stage_workflow_id(stage.stage_id), None)
    await state_stage(tx, stage)


async def stage_row(tx: Tx, stage_id: UUID, *, share: bool = False, update: bool = False) -> Stage:
    """The stage row; ``share`` for a filing, ``update`` only for closing and changes."""
    query = select(Stage).where(Stage.stage_id == stage_id)  # type: ignore[arg-type]
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    elif share:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    stage: Stage | None = (await tx.session.execute(query)).scalar_one_or_none()
    if stage is None:
        raise NotFound("没有找到这个阶段。")
    return stage


async def stages_shared(tx: Tx, named: Select[UUID], parameters: Mapping[str, object]) -> dict[UUID, Stage]:
    """The stage rows that a query with its parameters names, FOR SHARE, always taken in the same order."""
    return {stage.stage_id: stage for stage in (await tx.session.execute(_sharing(named), parameters)).scalars()}


@cache
def _sharing(named: Select[UUID]) -> Select[Stage]:
    return (
        select(Stage)
        .where(Stage.stage_id.in_(named))  # type: ignore[attr-defined]
        .order_by(Stage.stage_id)  # type: ignore[arg-type]
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )


async def stage_for_act(tx: Tx, stage_id: UUID, *, in_flight: bool = False, update: bool = False) -> Stage:
    """The stage row FOR SHARE, refused when the stage is not open or its term is over.

    ``in_flight``: the stage closes a little after its end, and judges a request by when it came in. ``update``: for
    an act that changes the stage itself; two that held it FOR SHARE would wait for each other.
    """
    stage = await stage_row(tx, stage_id, share=True, update=update)
    require_open(StageState(stage.state), stage.opens_at, stage.closes_at, tx.received_at if in_flight else tx.now)
    return stage


async def running_stages(tx: Tx, kind: str | None = None) -> list[Stage]:
    """All open or paused stages of this service, oldest first."""
    query = select(Stage).where(Stage.state.in_([state.value for state in RUNNING])).order_by(Stage.opens_at)  # type: ignore[attr-defined, arg-type]
    if kind is not None:
        query = query.where(Stage.kind == kind)  # type: ignore[arg-type]
    return list((await tx.session.execute(query)).scalars())


async def close_stage(
    tx: Tx,
    stage: Stage,
    *,
    manifest: tuple[UUID, str, int] | None = None,
    state: StageState = StageState.CLOSED,
    counted_from: datetime | None = None,
) -> None:
    """Close the stage once; ``manifest`` is (id, digest, cases) of what the next stage works on."""
    if StageState(stage.state) not in RUNNING:
        return
    stage.state, stage.closed_at, stage.waits_for, stage.stuck = state, tx.now, None, None
    stage.version += 1
    if manifest is not None:
        stage.manifest_out, stage.manifest_out_digest = manifest[0], manifest[1]
    tx.session.add(stage)
    await tx.finish_work(stage_workflow_id(stage.stage_id))
    await tx.audit("stage.closed", **stage_place(stage), public=manifest[1] if manifest else None)
    await tx.emit(
        StageClosed(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            version=stage.version,
            stage_id=stage.stage_id,
            kind=stage.kind,
            state=state,
            closed_at=tx.now,
            manifest_id=stage.manifest_out,
            manifest_digest=stage.manifest_out_digest,
            cases=manifest[2] if manifest else 0,
            counted_from=counted_from,
        )
    )


async def recount_terms(tx: Tx) -> int:
    """After a calendar import: count the open stages' terms again; a firm end never moves earlier. Returns how many
    changed."""
    calendar, changed = await current_calendar(tx), 0
    for stage_id in sorted(stage.stage_id for stage in await running_stages(tx)):
        stage = await stage_row(tx, stage_id, update=True)
        if stage.state != StageState.OPEN or stage.term is None:
            continue
        term = term_of(stage)
        fresh = recount(term, calendar)
        if _substance(fresh) != _substance(term):
            await _new_term(tx, stage, fresh)
            await tx.audit("stage.term_recounted", **stage_place(stage), before=term, after=fresh)
            await state_stage(tx, stage)
            changed += 1
    return changed


def _substance(term: Term) -> dict[str, Any]:
    return term.model_dump(exclude={"calendar_version"})


async def wait_for(tx: Tx, stage: Stage, whom: str | None) -> None:
    """Say whom the stage waits for (a role word such as ``office``); shown in the overview."""
    if stage.waits_for != whom or stage.stuck is not None:
        stage.waits_for, stage.stuck = whom, None
        await state_stage(tx, stage)


async def mark_stuck(tx: Tx, stage_id: UUID, reason: str) -> None:
    """A step was refused: show it to operators; the parent is not failed."""
    stage = await stage_row(tx, stage_id, update=True)
    if stage.stuck != reason:
        stage.stuck = reason
        await tx.audit("stage.stuck", **stage_place(stage), reason=reason)
        await state_stage(tx, stage)


async def state_stage(tx: Tx, stage: Stage, *, request_id: UUID | None = None, refused: str | None = None) -> None:
    """Tell the others how the stage stands now."""
    stage.version += 1
    tx.session.add(stage)
    await tx.emit(
        StageChanged(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            version=stage.version,
            stage_id=stage.stage_id,
            kind=stage.kind,
            state=stage.state,
            closes_at=stage.closes_at,
            counted_days=counted_days(stage),
            provisional=bool(stage.term and stage.term["provisional"]),
            request_id=request_id,
            refused=refused,
            stuck=stage.stuck is not None,
            waits_for=stage.waits_for,
            term=stage.term,
            paused_on=stage.paused_on,
        )
    )


async def apply_change(tx: Tx, request: StageChangeRequested, minimum: int | None = None) -> None:
    """Apply or refuse what the office asked of a stage, and answer by fact.

    ``minimum`` is the lawful minimum of the term in its unit, which an advance never shortens.
    """
    stage = await stage_row(tx, request.stage_id, update=True)
    try:
        may_change(StageState(stage.state), StageChange(request.change))
        await _CHANGES[StageChange(request.change)](tx, stage, request, minimum)
    except Refusal as refusal:
        await tx.audit("stage.change_refused", **stage_place(stage), change=request.change, code=refusal.code)
        await state_stage(tx, stage, request_id=request.request_id, refused=refusal.code)
        return
    await tx.audit(f"stage.{request.change}", **stage_place(stage), days=request.days, term=stage.term)
    if StageState(stage.state) in RUNNING:
        await tx.nudge(stage_workflow_id(stage.stage_id))
    await state_stage(tx, stage, request_id=request.request_id)


async def _extend(tx: Tx, stage: Stage, request: StageChangeRequested, _minimum: int | None) -> None:
    if stage.term is None or not request.days or request.days < 1:
        raise Refusal("no_term", "本阶段没有期限，或者延长的天数不正确。", field="days")
    await _new_term(tx, stage, extend_term(await current_calendar(tx), term_of(stage), request.days))


async def _pause(tx: Tx, stage: Stage, _request: StageChangeRequested, _minimum: int | None) -> None:
    stage.state, stage.paused_on = StageState.PAUSED, business_date(tx.now).isoformat()
    await tx.expect(stage_workflow_id(stage.stage_id), None)


async def _resume(tx: Tx, stage: Stage, _request: StageChangeRequested, _minimum: int | None) -> None:
    stage.state = StageState.OPEN
    if stage.term is not None and stage.paused_on is not None:
        term, paused = term_of(stage), date.fromisoformat(stage.paused_on)
        resumed = resume_term(
            await current_calendar(tx),
            days_counted_before(term, paused),
            business_date(tx.now),
            term.length,
            unit=term.unit,
            starts_on=term.starts_on,
        )
        await _new_term(tx, stage, resumed)
    stage.paused_on = None


async def _advance(tx: Tx, stage: Stage, _request: StageChangeRequested, minimum: int | None) -> None:
    if stage.term is None:
        raise Conflict("no_term", "本阶段没有期限，不能提前结束。")
    passed = [day for day in term_of(stage).counted_days if day < business_date(tx.now)]
    if minimum is not None and len(passed) < minimum:
        raise Conflict("lawful_minimum", f"法定期限不少于{minimum}个工作日，目前只满{len(passed)}个，不能提前结束。")
    stage.closes_at = tx.now
    await tx.expect(stage_workflow_id(stage.stage_id), tx.now)


async def _cancel(tx: Tx, stage: Stage, _request: StageChangeRequested, _minimum: int | None) -> None:
    # Before the close, which strikes it from the open work: the workflow looks once more and ends.
    await tx.nudge(stage_workflow_id(stage.stage_id))
    await close_stage(tx, stage, state=StageState.CANCELLED)


_CHANGES = {
    StageChange.EXTEND: _extend,
    StageChange.PAUSE: _pause,
    StageChange.RESUME: _resume,
    StageChange.ADVANCE: _advance,
    StageChange.CANCEL: _cancel,
}


async def _new_term(tx: Tx, stage: Stage, term: Term) -> None:
    stage.term, stage.closes_at = term_json(term), term.closes_at
    await tx.expect(stage_workflow_id(stage.stage_id), term.closes_at)


def term_json(term: Term) -> dict[str, Any]:
    """A term as kept with its stage."""
    dumped: dict[str, Any] = term.model_dump(mode="json")
    return dumped


def term_of(stage: Stage) -> Term:
    """The stage's term; only for stages that have one."""
    if stage.term is None:
        raise Conflict("no_term", "本阶段没有期限。")
    return Term.model_validate(stage.term)


def counted_days(stage: Stage) -> tuple[str, ...]:
    """The counted days of the stage's term as ISO dates."""
    return tuple(stage.term["counted_days"]) if stage.term else ()


def stage_place(stage: Stage) -> dict[str, Any]:
    """Where an audit row of this stage belongs."""
    return {"cycle_id": stage.cycle_id, "category_id": stage.category_id, "stage_id": stage.stage_id}


def term_is_over(stage: Stage, now: datetime) -> bool:
    """Whether the last counted day has ended; an open stage without a term never ends by itself."""
    return StageState(stage.state) is StageState.OPEN and stage.closes_at is not None and now >= stage.closes_at


def seconds_until(moment: datetime | None, now: datetime) -> float | None:
    """System seconds to wait for a business instant; a little over, so that it is past when we look again."""
    return None if moment is None else max((moment - now + timedelta(seconds=0.05)).total_seconds(), 0.05)
