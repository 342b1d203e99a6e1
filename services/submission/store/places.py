"""Reads of enterprises, cycles, stages and the targets locked in them."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from services.submission.domain.cases import CaseState
from services.submission.tables import (
    Case,
    Closing,
    Cycle,
    Enterprise,
    FilledSeat,
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


async def keep_release(tx: Tx, category_id: UUID, supplement: int) -> UUID:
    """A list is out: its release is a stage without a row of its own anywhere; returns that stage's id."""
    stage_id = derived_id("release", category_id, *([supplement] if supplement else []))
    row = {"category_id": category_id, "source": "publication", "kind": "release", "state": "closed", "version": 1}
    row |= {"stage_id": stage_id, "opens_at": tx.now, "closes_at": tx.now, "supplement": supplement}
    await tx.session.execute(insert(StageCopy).values(**row).on_conflict_do_nothing(index_elements=["stage_id"]))
    return stage_id


async def copies_of(tx: Tx, category_id: UUID, supplement: int) -> Sequence[StageCopy]:
    """The stages of a category's list, or of a seat that was filled later."""
    query = select(StageCopy).where(col(StageCopy.category_id) == category_id, col(StageCopy.supplement) == supplement)
    return (await tx.session.exec(query)).all()


async def cases_of_list(tx: Tx, category_id: UUID, supplement: int) -> Sequence[Case]:
    """The filings that went on to a category's list, on it or not; of a seat that was filled later the one in it."""
    passed = select(Case).where(col(Case.category_id) == category_id, col(Case.state) == CaseState.PASSED)
    if supplement:
        seats = select(FilledSeat.case_id).where(
            col(FilledSeat.category_id) == category_id, col(FilledSeat.supplement) == supplement
        )
        passed = passed.where(col(Case.case_id).in_(seats))
    return (await tx.session.exec(passed.where(col(Case.origin) == "application"))).all()


async def stage_copies(tx: Tx, cases: Collection[Case]) -> dict[UUID, dict[str, StageCopy]]:
    """The stages that have begun for each case, by kind: those of its category's list; a case that fills a seat has a
    consultation, a notice and a release of its own, once that notice is public."""
    query = select(StageCopy).where(col(StageCopy.category_id).in_({case.category_id for case in cases}))
    copies: dict[tuple[UUID, int], dict[str, StageCopy]] = {}
    for copy in await tx.session.exec(query.order_by(col(StageCopy.opens_at))):
        copies.setdefault((copy.category_id, copy.supplement), {}).setdefault(copy.kind, copy)
    seated = select(FilledSeat).where(col(FilledSeat.case_id).in_([case.case_id for case in cases]))
    seats = {seat.case_id: seat.supplement for seat in await tx.session.exec(seated)}
    return {case.case_id: _begun_for(case, copies, seats.get(case.case_id, 0)) for case in cases}


def _begun_for(
    case: Case, copies: Mapping[tuple[UUID, int], dict[str, StageCopy]], supplement: int
) -> dict[str, StageCopy]:
    of_the_list, own = (copies.get((case.category_id, number), {}) for number in (0, supplement))
    notice = own.get("publicity")
    if not supplement or notice is None or notice.closes_at is None:
        return of_the_list
    before = {kind: copy for kind, copy in of_the_list.items() if kind not in ("consultation", "publicity", "release")}
    return {**before, **own}


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
