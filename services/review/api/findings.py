"""Zero conditions and vetoes raised about cases, and corrections that wait for the office."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.review.actions import correcting, findings
from services.review.api.base import Body, Reason, answer_as
from services.review.api.experts import FindingAnswer, FindingBody
from services.review.reads import findings as views
from shared.web.act import Act, acting

router = APIRouter()


class PanelFindingBody(FindingBody):
    """On which case."""

    case_id: UUID


class RulingBody(Body):
    """Whether the finding is upheld, under which article, and why."""

    upheld: bool
    article: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Reason


class ConfirmationBody(Body):
    """Whether the office agrees; sending back needs a reason."""

    agrees: bool
    reason: Reason | None = None


class CountersignBody(Body):
    """The correction's digest, whether it counts, and why not."""

    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    accepted: bool
    reason: Reason | None = None


class Countersigned(BaseModel):
    """The office's answer to a correction."""

    digest: str
    accepted: bool


@router.get("/stages/{stage_id}/findings")
async def listed(stage_id: UUID, act: Act = acting("panel.read")) -> list[views.FindingLine]:
    """What was raised about the cases of a panel."""
    return await act.read(lambda tx: views.finding_lines(tx, stage_id))


@router.post("/stages/{stage_id}/findings")
async def raise_finding(stage_id: UUID, body: PanelFindingBody, act: Act = acting("finding.raise")) -> FindingAnswer:
    """Raise a zero condition or veto on a case, with its source (office, chair, supervisor)."""
    return await answer_as(FindingAnswer, act, lambda tx: findings.raise_on_panel(tx, stage_id, **body.model_dump()))


@router.post("/findings/{finding_id}/ruling")
async def rule_on(finding_id: UUID, body: RulingBody, act: Act = acting("finding.rule")) -> FindingAnswer:
    """Rule on a finding, once (chair of the review committee)."""
    return await answer_as(FindingAnswer, act, lambda tx: findings.rule_on(tx, finding_id, **body.model_dump()))


@router.post("/findings/{finding_id}/confirmation")
async def confirm(finding_id: UUID, body: ConfirmationBody, act: Act = acting("finding.confirm")) -> FindingAnswer:
    """Confirm the chair's ruling, or send it back (office)."""
    return await answer_as(FindingAnswer, act, lambda tx: findings.confirm_ruling(tx, finding_id, **body.model_dump()))


@router.get("/stages/{stage_id}/corrections")
async def corrections(stage_id: UUID, act: Act = acting("correction.countersign")) -> list[views.CorrectionLine]:
    """Corrections that wait for a countersignature."""
    return await act.read(lambda tx: views.correction_lines(tx, stage_id))


@router.post("/stages/{stage_id}/corrections")
async def countersign(
    stage_id: UUID, body: CountersignBody, act: Act = acting("correction.countersign")
) -> Countersigned:
    """Let a correction count, or decline it."""
    return await answer_as(Countersigned, act, lambda tx: correcting.countersign(tx, stage_id, **body.model_dump()))
