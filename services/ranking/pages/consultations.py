"""意见征询: letters and replies of the departments, rulings on concerns."""

from http import HTTPStatus
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.ranking import reading
from services.ranking.actions import concerns, consultation
from services.ranking.files import lay_down
from services.ranking.pages.base import chosen_of, done, file_of, page_for, read_form, render
from services.ranking.views import consultation_view
from shared.infra.database import Tx
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.rights import may

router = APIRouter(prefix="/committee", include_in_schema=False)


@router.get("/consultations")
async def consultations(request: Request, act: Act = acting("consultation.read")) -> Response:
    """Consultations of this department, or all of them for those who watch."""

    async def read(tx: Tx) -> Response:
        views = [consultation_view(shown, tx.now) for shown in await reading.consultations_shown(tx)]
        waiting = next((view for view in views if view.running), None)
        answers = {"until": waiting.closes_at, "next_step": "期满未回复视为无意见"} if waiting else {}
        expected = "请就名单逐一答复" if waiting and may(tx.actor, "consultation.reply") else None
        page = page_for(tx, request, "意见征询", expected_of_me=expected, **answers)
        rights = {name: may(tx.actor, act_name) for name, act_name in _RIGHTS.items()}
        return render(request, "consultations.html", page, views=views, me=str(tx.actor.account_id), **rights)

    return await act.read(read)


_RIGHTS = {"may_reply": "consultation.reply", "may_rule": "concern.rule", "may_close": "consultation.close"}


@router.get("/consultations/{stage_id}")
async def one_consultation(stage_id: UUID) -> Response:
    """The consultation within its page."""
    return RedirectResponse(f"/committee/consultations#stage-{stage_id}", HTTPStatus.SEE_OTHER)


@router.post("/consultations/{stage_id}/replies")
async def reply(stage_id: UUID, request: Request, act: Act = acting_form("consultation.reply")) -> Response:
    """A department's answers."""
    form = await request.form()
    entries, files = [], []
    for case, value in chosen_of(form, "reply."):
        content = await file_of(form, f"file.{case}")
        if content:
            files.append(await lay_down(request.app.state.service, content))
        named = files[-1].sha256 if content else None
        entries.append({"case": case, "reply": value, "text": text_of(form, f"text.{case}") or None, "file": named})
    given = read_form(consultation.Replies, {"entries": entries})

    async def answer(tx: Tx) -> dict[str, Any]:
        for one in files:
            await consultation.keep_file(tx, stage_id, one)
        return await consultation.reply(tx, stage_id, given)

    return await done(act, answer, "/committee/consultations")


@router.post("/consultations/{stage_id}/concerns/{case_id}/{step}")
async def rule(
    stage_id: UUID,
    case_id: UUID,
    step: Literal["propose", "confirm", "withdraw"],
    request: Request,
    act: Act = acting_form("concern.rule"),
) -> Response:
    """The committee's ruling on a concern: one proposes, a second person confirms."""
    form, target = await request.form(), "/committee/consultations"
    if step == "withdraw":
        return await done(act, lambda tx: concerns.withdraw_ruling(tx, stage_id, case_id), target)
    if step == "confirm":
        seen = read_form(concerns.RulingConfirmed, {"ruling": text_of(form, "ruling")})
        return await done(act, lambda tx: concerns.confirm_ruling(tx, stage_id, case_id, seen), target)
    given = read_form(concerns.RulingGiven, {name: text_of(form, name) for name in ("ruling", "reason")})
    return await done(act, lambda tx: concerns.propose_ruling(tx, stage_id, case_id, given), target)


@router.post("/consultations/{stage_id}/close")
async def close(stage_id: UUID, act: Act = acting_form("consultation.close")) -> Response:
    """The office ends a consultation that all departments have answered."""
    return await done(act, lambda tx: consultation.close_early(tx, stage_id), "/committee/consultations")
