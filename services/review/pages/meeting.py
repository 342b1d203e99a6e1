"""审查会议: the office records date, place and attendance."""

from datetime import date
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.review.actions import meeting
from services.review.pages.fields import id_from
from services.review.reads import meeting as views
from services.review.reads import panel as panels
from services.review.site import errors_of, page_for, render
from shared.infra.database import Tx
from shared.kernel.refusals import Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.parts import Link
from shared.web.rights import may

router = APIRouter(prefix="/expert", include_in_schema=False)
_HOW = (("present", "到会"), ("remote", "远程"), ("absent", "缺席"))


@router.get("/panels/{stage_id}/meeting")
async def held(stage_id: UUID, request: Request, act: Act = acting("panel.read")) -> Response:
    """The meeting of a panel."""
    return await act.read(lambda tx: _page(tx, request, stage_id))


async def _page(tx: Tx, request: Request, stage_id: UUID, refusal: Refusal | None = None) -> Response:
    panel = await panels.overview(tx, stage_id, with_names=may(tx.actor, "meeting.record"))
    found = await views.meeting_view(tx, stage_id)
    names = {one.expert_id: one.name for one in panel.members if one.name}
    here = Link(label=f"{panel.category_name}·{panel.title}", href=f"/expert/panels/{stage_id}")
    page = page_for(tx, request, "审查会议", category=panel.category_name, stage=panel.title, crumbs=(here,))
    context = {
        "panel": panel,
        "meeting": found,
        "names": names,
        "how": _HOW,
        "may_record": may(tx.actor, "meeting.record") and panel.state in ("undertaking", "scoring", "short", "sealed"),
        "errors": errors_of(refusal),
    }
    return render(request, "meeting.html", page, status=refusal.status if refusal else 200, **context)


@router.post("/panels/{stage_id}/meeting")
async def record(stage_id: UUID, request: Request, act: Act = acting_form("meeting.record")) -> Response:
    """Record the meeting."""
    form = await request.form()
    chosen = [(name.removeprefix("how."), str(value)) for name, value in form.items() if name.startswith("how.")]
    by_how = {how: [id_from(one, "present") for one, said in chosen if said == how] for how, _ in _HOW}
    try:
        place = text_of(form, "place")
        if not place:
            raise Refusal("missing", "请填写会议地点。", field="place")
        held_on = _day(text_of(form, "held_on"))
        await act(lambda tx: meeting.record_meeting(tx, stage_id, held_on, place, by_how["present"], by_how["remote"]))
    except Refusal as refusal:
        if refusal.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        shown = refusal
        return await act.read(lambda tx: _page(tx, request, stage_id, shown))
    return RedirectResponse(f"/expert/panels/{stage_id}/meeting", HTTPStatus.SEE_OTHER)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as trouble:
        raise Refusal("wrong_date", "请填写会议日期，如 2026-03-02。", field="held_on") from trouble
