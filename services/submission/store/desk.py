"""Reads and writes of the screening desk: rectifications, investigations, the checklist, colleagues."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, delete, select

from services.submission.tables import (
    Case,
    ChecklistTick,
    Colleague,
    Investigation,
    InvestigationRequest,
    Presence,
    Rectification,
)
from shared.contracts.dossiers import StaffList
from shared.infra.database import Tx


async def investigations_of(tx: Tx, case_id: UUID) -> Sequence[Investigation]:
    """Findings about a case in the order recorded."""
    query = (
        select(Investigation)
        .where(col(Investigation.case_id) == case_id)
        .order_by(col(Investigation.recorded_at), col(Investigation.investigation_id))
    )
    return (await tx.session.exec(query)).all()


async def rectification_of(tx: Tx, case_id: UUID, *, state: str | None = None) -> Rectification | None:
    """The rectification of a case (the one in this state, if asked)."""
    query = select(Rectification).where(col(Rectification.case_id) == case_id)
    if state is not None:
        query = query.where(col(Rectification.state) == state)
    return (await tx.session.exec(query.order_by(col(Rectification.asked_at).desc()))).first()


async def open_rectifications(tx: Tx, stage_id: UUID, *, paused: bool) -> Sequence[Rectification]:
    """Open rectifications of a stage whose terms stand still, or run."""
    query = select(Rectification).where(
        col(Rectification.stage_id) == stage_id,
        col(Rectification.state) == "open",
        col(Rectification.paused_on).is_not(None) if paused else col(Rectification.paused_on).is_(None),
    )
    return (await tx.session.exec(query)).all()


async def rectifications_of(tx: Tx, case_id: UUID) -> Sequence[Rectification]:
    """All rectifications of a case in order."""
    query = select(Rectification).where(col(Rectification.case_id) == case_id).order_by(col(Rectification.asked_at))
    return (await tx.session.exec(query)).all()


async def rectification_ends(tx: Tx, stage_id: UUID) -> dict[UUID, datetime]:
    """When the open rectifications of a stage end, by case."""
    query = select(col(Rectification.case_id), col(Rectification.closes_at)).where(
        col(Rectification.stage_id) == stage_id, col(Rectification.state) == "open"
    )
    return dict((await tx.session.exec(query)).all())


async def ticks_of(tx: Tx, case_id: UUID) -> dict[str, ChecklistTick]:
    """The points of the checklist that were looked at, by id."""
    found = await tx.session.exec(select(ChecklistTick).where(col(ChecklistTick.case_id) == case_id))
    return {one.point: one for one in found}


async def present_in(tx: Tx, case_id: UUID, since: datetime) -> Sequence[Presence]:
    """Who had a case open since an instant of system time, the last seen first."""
    query = (
        select(Presence)
        .where(col(Presence.case_id) == case_id, col(Presence.seen_at) >= since)
        .order_by(col(Presence.seen_at).desc())
    )
    return (await tx.session.exec(query)).all()


async def colleagues(tx: Tx) -> dict[UUID, str]:
    """The people of the office by account, as office names them; those who left too."""
    found = await tx.session.exec(select(Colleague).order_by(col(Colleague.name)))
    return {one.account_id: one.name for one in found}


async def assignable(tx: Tx) -> Sequence[Colleague]:
    """Who may be given work, by name."""
    query = select(Colleague).where(col(Colleague.active)).order_by(col(Colleague.name))
    return (await tx.session.exec(query)).all()


async def replace_colleagues(tx: Tx, listed: StaffList) -> None:
    """Take over the whole list, unless a later one has come in before."""
    newest = (await tx.session.exec(select(func.max(Colleague.listed_at)))).one()
    if newest is not None and newest >= listed.listed_at:
        return
    await tx.session.execute(delete(Colleague))
    tx.session.add_all([Colleague(**one.model_dump(), listed_at=listed.listed_at) for one in listed.people])


async def requests_of(tx: Tx, case_id: UUID) -> Sequence[InvestigationRequest]:
    """What departments were asked about a case, in order."""
    query = select(InvestigationRequest).where(col(InvestigationRequest.case_id) == case_id)
    return (await tx.session.exec(query.order_by(col(InvestigationRequest.asked_at)))).all()


async def requests_to(tx: Tx, departments: Collection[UUID]) -> Sequence[tuple[InvestigationRequest, Case]]:
    """What some departments were asked, with the case, the newest first."""
    query = (
        select(InvestigationRequest, Case)
        .join(Case, col(Case.case_id) == col(InvestigationRequest.case_id))
        .where(col(InvestigationRequest.department_id).in_(list(departments)))
        .order_by(col(InvestigationRequest.asked_at).desc())
    )
    return (await tx.session.exec(query)).all()
