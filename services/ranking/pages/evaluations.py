"""绩效评价: scores by rule, points by hand."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ranking import reading
from services.ranking.actions import evaluation
from services.ranking.pages.base import HOME, done, page_for, read_form, render
from services.ranking.views import evaluation_view
from shared.infra.database import Tx
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.rights import may

router = APIRouter(prefix="/committee", include_in_schema=False)


@router.get("/evaluations/{stage_id}")
async def evaluations(stage_id: UUID, request: Request, act: Act = acting("ranking.read")) -> Response:
    """Scores by rule, open items first."""

    async def read(tx: Tx) -> Response:
        shown = await reading.stage_shown(tx, stage_id)
        view = evaluation_view(shown, await evaluation.evaluation_results(tx, stage_id))
        page = page_for(tx, request, "绩效评分", **view.place, expected_of_me=view.expected, crumbs=(HOME,))
        may_decide = may(tx.actor, "evaluation.decide") and not shown["completed"]
        return render(request, "evaluation.html", page, view=view, shown=shown, may_decide=may_decide)

    return await act.read(read)


@router.post("/evaluations/{stage_id}/{case_id}/{kind}")
async def give_points(
    stage_id: UUID,
    case_id: UUID,
    kind: Literal["override", "judgement"],
    request: Request,
    act: Act = acting_form("evaluation.decide"),
) -> Response:
    """Points by hand."""
    form = await request.form()
    body = {name: text_of(form, name) for name in ("item", "points", "reason")}
    given = read_form(evaluation.PointsByHand, body)
    target = f"/committee/evaluations/{stage_id}"
    return await done(act, lambda tx: evaluation.decide_item(tx, stage_id, case_id, kind, given), target)


@router.post("/evaluations/{stage_id}/complete")
async def complete(stage_id: UUID, act: Act = acting_form("evaluation.decide")) -> Response:
    """End the scoring."""
    target = f"/committee/evaluations/{stage_id}"
    return await done(act, lambda tx: evaluation.complete_evaluation(tx, stage_id), target)
