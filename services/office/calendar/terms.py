"""The running terms of all services, as office's read copy has them."""

from sqlmodel import select

from services.office.calendar.domain import OpenTerm
from services.office.cycles.domain import PlanState
from services.office.cycles.tables import StagePlan
from shared.infra.database import Tx
from shared.kernel.calendar import Term


async def open_terms(tx: Tx) -> list[OpenTerm]:
    """Terms of stages that are open; paused ones are counted anew when they go on."""
    found = (await tx.session.exec(select(StagePlan).where(StagePlan.state == PlanState.OPEN))).all()
    return [OpenTerm(row.stage_id, Term.model_validate(row.term)) for row in found if row.term is not None]
