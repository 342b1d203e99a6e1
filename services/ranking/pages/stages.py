"""研究决定: the ranking with its line, meeting, recusals, decisions, confirmations."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.ranking import reading
from services.ranking.actions import confirming, decisions, members, recommendation
from services.ranking.pages.base import HOME, chosen_of, done, lines_of, page_for, read_form, render
from services.ranking.views import stage_view
from services.ranking.views.stage import StageView
from shared.infra.database import Tx
from shared.web.act import Act, acting, acting_form
from shared.web.form_fields import text_of
from shared.web.listing import wanted_format
from shared.web.parts import Link
from shared.web.rights import may
from shared.web.two_persons import Agreement, agreement

router = APIRouter(prefix="/committee", include_in_schema=False)


@router.get("/stages/{stage_id}")
async def stage(
    stage_id: UUID, request: Request, page: Annotated[int, Query(ge=1)] = 1, act: Act = acting("ranking.read")
) -> Response:
    """The ranking with its quota line, the meeting, decisions, confirmations; a page of it, as a file the whole."""
    wanted = None if wanted_format(request) else page

    async def read(tx: Tx) -> Response:
        shown = await reading.stage_shown(tx, stage_id, wanted)
        if shown["kind"] != "decision":
            target = "evaluations" if shown["kind"] == "evaluation" else "consultations"
            return RedirectResponse(f"/committee/{target}/{stage_id}", HTTPStatus.SEE_OTHER)
        view = stage_view(shown, tx.actor)
        expected = view.expected_of(tx.actor)
        context = page_for(tx, request, view.title, **view.place, expected_of_me=expected, crumbs=(HOME,))
        rights = {name: may(tx.actor, act_name) for name, act_name in _STAGE_RIGHTS.items()}
        agreed = _agreement(request, view, stage_id) if view.recommends else None
        return render(request, "stage.html", context, view=view, shown=shown, agreement=agreed, **rights)

    return await act.read(read)


def _agreement(request: Request, view: StageView, stage_id: UUID) -> Agreement | None:
    """What two persons of the office agree to, once every outcome is recorded."""
    if view.digest is None or view.act is None or view.undecided:
        return None
    subject = f"确认全部结论（{view.place['category']}）"
    return agreement(request, view.act, view.digest, subject, f"/committee/stages/{stage_id}")


_STAGE_RIGHTS = {
    "may_record": "decision.record",
    "may_confirm": "decision.confirm",
    "may_recuse": "decision.recuse",
    "may_manage": "committee.manage",
    "may_recommend": "evaluation.decide",
    "may_report": "report.read",
}


@router.get("/stages/{stage_id}/cases/{case_id}")
async def case(stage_id: UUID, case_id: UUID, request: Request, act: Act = acting("ranking.read")) -> Response:
    """How a case came to its score."""

    async def read(tx: Tx) -> Response:
        said = await reading.case_explained(tx, stage_id, case_id)
        back = Link(label="排序", href=f"/committee/stages/{stage_id}")
        page = page_for(tx, request, f"{said['number']} {said['name']}", crumbs=(HOME, back))
        return render(request, "case.html", page, said=said)

    return await act.read(read)


@router.post("/stages/{stage_id}/meeting")
async def hold_meeting(stage_id: UUID, request: Request, act: Act = acting_form("decision.record")) -> Response:
    """Record the meeting."""
    form = await request.form()
    seats_present = [line.split(maxsplit=1) for line in lines_of(form, "attendance")]
    attendance = [{"role": parts[0], "seat": parts[-1]} for parts in seats_present]
    body = {"held_on": text_of(form, "held_on"), "place": text_of(form, "place"), "attendance": attendance}
    held = read_form(decisions.MeetingHeld, body)
    return await done(act, lambda tx: decisions.record_meeting(tx, stage_id, held), f"/committee/stages/{stage_id}")


@router.post("/stages/{stage_id}/decisions")
async def decide(stage_id: UUID, request: Request, act: Act = acting_form("decision.record")) -> Response:
    """Record what the committee decided."""
    form = await request.form()
    entries = [
        {
            "case": name.removeprefix("decision."),
            "decision": value,
            "reason": text_of(form, f"reason.{name[9:]}") or None,
        }
        for name, value in form.multi_items()
        if name.startswith("decision.") and value
    ]
    given = read_form(decisions.Choices, {"entries": entries, "reason": text_of(form, "reason") or None})
    return await done(act, lambda tx: decisions.record_choices(tx, stage_id, given), f"/committee/stages/{stage_id}")


@router.post("/stages/{stage_id}/confirm")
async def confirm(stage_id: UUID, request: Request, act: Act = acting_form("decision.confirm")) -> Response:
    """A co-chair confirms what the page showed."""
    digest = text_of(await request.form(), "digest")
    return await done(act, lambda tx: confirming.confirm_choices(tx, stage_id, digest), f"/committee/stages/{stage_id}")


@router.post("/stages/{stage_id}/decisions/take-back")
async def take_back(stage_id: UUID, request: Request, act: Act = acting_form("decision.record")) -> Response:
    """Take decisions back before they are confirmed."""
    form = await request.form()
    given = read_form(decisions.TakenBack, {"cases": form.getlist("case"), "reason": text_of(form, "reason")})
    return await done(act, lambda tx: decisions.take_back(tx, stage_id, given), f"/committee/stages/{stage_id}")


@router.post("/stages/{stage_id}/recusals")
async def stand_aside(stage_id: UUID, request: Request, act: Act = acting_form("decision.recuse")) -> Response:
    """Stand aside from a case; the office names the seat."""
    given = read_form(members.Aside, await _aside(request))
    return await done(act, lambda tx: members.stand_aside(tx, stage_id, given), f"/committee/stages/{stage_id}")


@router.post("/stages/{stage_id}/recusals/lift")
async def come_back(stage_id: UUID, request: Request, act: Act = acting_form("committee.manage")) -> Response:
    """Lift a recusal that turned out wrong."""
    given = read_form(members.Aside, await _aside(request))
    return await done(act, lambda tx: members.come_back(tx, stage_id, given), f"/committee/stages/{stage_id}")


async def _aside(request: Request) -> dict[str, str | None]:
    form = await request.form()
    return {name: text_of(form, name) or None for name in ("case", "reason", "seat")}


@router.post("/stages/{stage_id}/recommendations")
async def recommend(stage_id: UUID, request: Request, act: Act = acting_form("evaluation.decide")) -> Response:
    """Record outcomes case by case."""
    form = await request.form()
    entries = [
        {"case": case, "outcome": value, "reason": text_of(form, f"reason.{case}") or None}
        for case, value in chosen_of(form, "outcome.")
    ]
    given = read_form(recommendation.Recommendations, {"entries": entries})
    target = f"/committee/stages/{stage_id}"
    return await done(act, lambda tx: recommendation.record_recommendations(tx, stage_id, given), target)


@router.post("/stages/{stage_id}/recommendations/confirm")
async def confirm_recommendations(stage_id: UUID, act: Act = acting_form("evaluation.decide")) -> Response:
    """Two persons confirm all outcomes, with their ticket."""
    target = f"/committee/stages/{stage_id}"
    return await done(act, lambda tx: recommendation.confirm_recommendations(tx, stage_id, act.ticket), target)
