"""The running terms of all services, as office's read copy has them."""

from sqlmodel import col, select

from services.office.calendar.domain import OpenTerm
from services.office.cycles.domain import PlanState
from services.office.cycles.tables import StagePlan
from shared.infra.database import Tx
from shared.kernel.calendar import Term


async def open_terms(tx: Tx) -> list[OpenTerm]:
    """Terms of stages that are open; paused ones are counted anew when they go on."""
    query = select(StagePlan).where(StagePlan.state == PlanState.OPEN, col(StagePlan.term).is_not(None))
    return [OpenTerm(row.stage_id, Term.model_validate(row.term)) for row in (await tx.session.exec(query)).all()]
