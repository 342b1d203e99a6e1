"""Reads and writes of cases, their fields and what was decided of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from services.submission.domain.cases import CaseState
from services.submission.tables import (
    Case,
    CaseCounter,
    Cycle,
    Decision,
    Departure,
    FieldMark,
    Waiver,
)
from shared.infra.database import Tx
from shared.infra.rows import among
from shared.infra.tables import Audit, Witness, table_of
from shared.kernel.refusals import NotFound


async def case_of(tx: Tx, case_id: UUID, *, update: bool = False) -> Case:
    """The case, locked for a change when asked.

    Raises:
        NotFound: there is none.
    """
    query = select(Case).where(col(Case.case_id) == case_id)
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    case = (await tx.session.exec(query)).one_or_none()
    if case is None:
        raise NotFound
    return case


async def case_of_receipt(tx: Tx, digest: str) -> tuple[str | None, str | None, datetime | None] | None:
    """Number, digest and time of the receipt that was given under this digest of its content."""
    query = select(Case.number, Case.receipt_digest, Case.accepted_at).where(col(Case.receipt_digest) == digest)
    return (await tx.session.exec(query)).first()


async def cases_of_category(
    tx: Tx, category_id: UUID, states: Collection[CaseState] = tuple(CaseState), *, update: bool = False
) -> Sequence[Case]:
    """Cases of a category in some states, by number."""
    query = (
        select(Case)
        .where(col(Case.category_id) == category_id, col(Case.state).in_([state.value for state in states]))
        .order_by(col(Case.number), col(Case.opened_at))
    )
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await tx.session.exec(query)).all()


async def cases_of_subjects(tx: Tx, subject_ids: Collection[UUID]) -> Sequence[Case]:
    """All cases of some enterprises, newest first."""
    query = select(Case).where(col(Case.subject_id).in_(list(subject_ids))).order_by(col(Case.opened_at).desc())
    return (await tx.session.exec(query)).all()


async def nominated_by(tx: Tx, account_id: UUID | None) -> Sequence[Case]:
    """What somebody has nominated, newest first."""
    own = col(Case.entered_by) == account_id
    query = select(Case).where(own, col(Case.origin) == "nomination").order_by(col(Case.opened_at).desc())
    return (await tx.session.exec(query)).all()


async def earlier_case(tx: Tx, case: Case) -> tuple[Case, int] | None:
    """The newest accepted filing of the same subject and category in an earlier year, and how far that lies back."""
    now, then = aliased(Cycle), aliased(Cycle)
    query = (
        select(Case, col(now.year) - col(then.year))
        .join(then, col(then.cycle_id) == col(Case.cycle_id))
        .join(now, col(now.cycle_id) == case.cycle_id)
        .where(
            col(Case.subject_id) == case.subject_id,
            col(Case.subject_key) == case.subject_key,
            col(Case.category_key) == case.category_key,
            col(Case.rulebook_id) == case.rulebook_id,
            col(Case.accepted_at).is_not(None),
            col(then.year) < col(now.year),
        )
        .order_by(col(then.year).desc())
        .limit(1)
    )
    found = (await tx.session.exec(query)).first()
    return (found[0], int(found[1])) if found else None


async def case_of_subject(tx: Tx, category_id: UUID, subject_key: str) -> Case | None:
    """The case of a subject in a category that was not withdrawn."""
    query = select(Case).where(
        col(Case.category_id) == category_id,
        col(Case.subject_key) == subject_key,
        col(Case.state) != CaseState.WITHDRAWN.value,
    )
    return (await tx.session.exec(query)).one_or_none()


STAGES_OF_CASES = select_columns(col(Case.stage_id)).where(among(col(Case.case_id), "case_ids"))
"""Names the stages in which ``case_ids`` were opened, for another query."""


class ToAccept(NamedTuple):
    """A case locked to be accepted, and what its receipt takes from elsewhere.

    ``year``: the award year of its cycle, None while the cycle's fact has not come in; ``checkpoint``: the newest of
    the ledger heard of.
    """

    case: Case
    year: int | None
    checkpoint: str | None


_TO_ACCEPT = (
    select(Case, Cycle.year, select(Witness.checkpoint).scalar_subquery())
    .outerjoin(Cycle, col(Cycle.cycle_id) == col(Case.cycle_id))
    .where(among(col(Case.case_id), "case_ids"))
    .order_by(col(Case.case_id))
    .with_for_update(of=Case)
    .execution_options(populate_existing=True)
)


async def cases_to_accept(tx: Tx, case_ids: Collection[UUID]) -> dict[UUID, ToAccept]:
    """Those of the cases that exist, locked for a change, always in the same order."""
    found = await tx.session.exec(_TO_ACCEPT, params={"case_ids": list(case_ids)})
    return {row[0].case_id: ToAccept(*row) for row in found.all()}


async def next_place(tx: Tx, category_id: UUID) -> int:
    """The next number of a category."""
    return await next_places(tx, category_id, 1)


_COUNTERS = table_of(CaseCounter)
_COUNTING = insert(_COUNTERS)
_TAKE_PLACES = _COUNTING.on_conflict_do_update(
    index_elements=["category_id"], set_={"last": _COUNTERS.c.last + _COUNTING.excluded.last}
).returning(_COUNTERS.c.last)


async def next_places(tx: Tx, category_id: UUID, count: int) -> int:
    """Take the next ``count`` numbers of a category for good; returns the last of them.

    Taken beside the transaction: a counter held until its end would let a category accept one batch after another.
    No number is given twice; one is never given when the transaction fails after this.
    """
    async with tx.aside() as beside:
        return int((await beside.execute(_TAKE_PLACES, {"category_id": category_id, "last": count})).scalar_one())


async def mark_fields(tx: Tx, case: Case, fields: Collection[str]) -> None:
    """Note who changed these fields at the case's version."""
    mark = {"version": case.version, "changed_at": tx.now, "changed_by": tx.actor.account_id}
    rows = [{"case_id": case.case_id, "field": field, **mark} for field in sorted(fields)]
    statement = insert(FieldMark).values(rows)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["case_id", "field"], set_=mark))


async def field_marks(tx: Tx, case_id: UUID) -> dict[str, FieldMark]:
    """Who changed each field of a case last."""
    found = await tx.session.exec(select(FieldMark).where(col(FieldMark.case_id) == case_id))
    return {mark.field: mark for mark in found}


async def decisions_of(tx: Tx, case_id: UUID) -> Sequence[Decision]:
    """Decisions on a case in order."""
    query = select(Decision).where(col(Decision.case_id) == case_id).order_by(col(Decision.decided_at))
    return (await tx.session.exec(query)).all()


async def departure_of(tx: Tx, case_id: UUID) -> Departure | None:
    """How the case left, if it did."""
    return await tx.session.get(Departure, case_id)


async def count_states(tx: Tx, category_id: UUID) -> dict[str, int]:
    """How many cases of a category are in each state."""
    query = select(col(Case.state), func.count()).where(col(Case.category_id) == category_id).group_by(col(Case.state))
    return {state: int(count) for state, count in (await tx.session.exec(query)).all()}


async def history_of(tx: Tx, case_id: UUID, after: int = 0) -> Sequence[Audit]:
    """What was done with a case after an audit row, oldest first."""
    query = select(Audit).where(col(Audit.case_id) == case_id, col(Audit.id) > after).order_by(col(Audit.id))
    return (await tx.session.execute(query)).scalars().all()


async def waivers_of(tx: Tx, case_id: UUID) -> dict[str, Waiver]:
    """The waived inconsistencies of a case, by digest."""
    found = await tx.session.exec(select(Waiver).where(col(Waiver.case_id) == case_id))
    return {one.digest: one for one in found}
