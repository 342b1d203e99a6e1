"""The running terms of all services, as office's read copy has them."""

from uuid import UUID

from sqlmodel import col, select

from services.office.calendar.domain import OpenTerm
from services.office.cycles.domain import PlanState
from services.office.cycles.tables import CategoryRow, StagePlan
from shared.infra.database import Tx
from shared.kernel.calendar import Term


async def open_terms(tx: Tx) -> list[OpenTerm]:
    """Terms of stages that are open; paused ones are counted anew when they go on."""
    found = (await tx.session.exec(select(StagePlan).where(StagePlan.state == PlanState.OPEN))).all()
    return [OpenTerm(row.stage_id, Term.model_validate(row.term)) for row in found if row.term is not None]


async def places_of_open_terms(tx: Tx) -> dict[UUID, str]:
    """Category and stage of each running term, for people."""
    query = select(StagePlan.stage_id, CategoryRow.name, StagePlan.title)
    joined = query.join(CategoryRow, col(CategoryRow.category_id) == col(StagePlan.category_id))
    found = (await tx.session.exec(joined.where(StagePlan.state == PlanState.OPEN))).all()
    return {stage_id: f"{name} {title}" for stage_id, name, title in found}
