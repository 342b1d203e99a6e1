"""代录: a filing that came on paper, entered by the office and marked so for good; its sealed scan is its statement."""

from datetime import date
from uuid import UUID

from services.submission.actions.cases import case_place
from services.submission.actions.enterprises import ensure_enterprise
from services.submission.actions.filing import new_draft
from services.submission.domain import filing
from services.submission.tables import Case
from shared.contracts.subjects import Subject
from shared.infra.database import Tx
from shared.infra.stages import stage_for_act
from shared.kernel.calendar import business_date


async def open_paper(
    tx: Tx, stage_id: UUID, who: Subject, paper_on: date, variant: str | None = None, title: str | None = None
) -> Case:
    """Begin the draft of an enterprise that filed on paper, registering it on the way; the same filing twice is
    refused, on paper or not."""
    stage = await stage_for_act(tx, stage_id, in_flight=True)
    filing.require_received(paper_on, business_date(stage.opens_at or tx.now), business_date(tx.now))
    enterprise = await ensure_enterprise(tx, who)
    case = await new_draft(tx, stage_id, enterprise.enterprise_id, variant, title, paper_on)
    await tx.audit("paper.opened", **case_place(case), stage_id=stage_id, received_on=paper_on)
    return case
