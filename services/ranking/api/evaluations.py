"""Evaluations by rule: results, points by hand, completion."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.ranking.actions import evaluation
from services.ranking.actions.evaluation import PointsByHand
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/ranking", tags=["evaluation"])


@router.get("/evaluations/{stage_id}")
async def read_evaluation(stage_id: UUID, act: Act = acting("ranking.read")) -> list[dict[str, Any]]:
    """Totals and items of every case with their explanations."""
    return await act.read(lambda tx: evaluation.evaluation_results(tx, stage_id))


@router.get("/evaluations/{stage_id}/{case_id}")
async def read_case(stage_id: UUID, case_id: UUID, act: Act = acting("ranking.read")) -> dict[str, Any]:
    """One case's result."""
    return await act.read(lambda tx: evaluation.case_result(tx, stage_id, case_id))


@router.post("/evaluations/{stage_id}/{case_id}/override")
async def override(
    stage_id: UUID, case_id: UUID, body: PointsByHand, act: Act = acting("evaluation.decide")
) -> dict[str, Any]:
    """Give points to an item that no rule can compute, with a reason."""
    return await act(lambda tx: evaluation.decide_item(tx, stage_id, case_id, "override", body))


@router.post("/evaluations/{stage_id}/{case_id}/judgement")
async def judge(
    stage_id: UUID, case_id: UUID, body: PointsByHand, act: Act = acting("evaluation.decide")
) -> dict[str, Any]:
    """Give a judged number, such as the deduction, with a reason."""
    return await act(lambda tx: evaluation.decide_item(tx, stage_id, case_id, "judgement", body))


@router.post("/stages/{stage_id}/evaluation-complete")
async def complete(stage_id: UUID, act: Act = acting("evaluation.decide")) -> dict[str, Any]:
    """End the scoring; refused while an item is open."""
    return await act(lambda tx: evaluation.complete_evaluation(tx, stage_id))
