"""初审台: the case with form beside evidence, checklist, findings and history, the decision at the bottom."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import store
from services.submission.actions import desk as work
from services.submission.actions import investigations, screening
from services.submission.actions.investigations import KINDS
from services.submission.actions.rules import book_of, category_of, stage_article
from services.submission.actions.screening import Verdict
from services.submission.domain import history
from services.submission.domain.cases import UNDECIDED, WORDS, CaseState
from services.submission.domain.filing import PAPER, RectificationItem
from services.submission.domain.statement import evidence_kinds
from services.submission.pages.form import sections
from services.submission.pages.queue import assignee_of
from services.submission.reads.case import desk_view, others_present
from services.submission.site import case_badge, inputs, page_for, render, steps_of
from services.submission.tables import Case
from shared.infra.database import Tx
from shared.kernel.refusals import Refusal
from shared.rulebook import Category
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.parts import Badge, Link, Tone

router = APIRouter(include_in_schema=False)

_SEVERITIES = {
    "error": Badge(text="错误", tone=Tone.BAD),
    "warning": Badge(text="疑点", tone=Tone.WARNING),
    "info": Badge(text="提示"),
}
Text = Annotated[str, Form(max_length=4000)]


@router.get("/screening/cases/{case_id}")
async def case(request: Request, case_id: UUID, act: Act = acting("screening.decide")) -> Response:
    """One case with the decision at the bottom."""

    async def do(tx: Tx) -> Response:
        await work.note_presence(tx, case_id)
        return await case_page(tx, request)

    return await act.read(do)


@router.get("/screening/cases/{case_id}/presence")
async def presence(request: Request, case_id: UUID, seen: int = 0, act: Act = acting("screening.decide")) -> Response:
    """Who else is at the case now, and whether it has changed since the page was opened; asked by the page itself."""

    async def do(tx: Tx) -> Response:
        await work.note_presence(tx, case_id)
        found, people = await store.case_of(tx, case_id), await store.colleagues(tx)
        changed = [
            history.told(category_of(found), people, one)
            for one in await store.history_of(tx, case_id, after=seen)
            if one.actor_id != tx.actor.account_id and one.action in history.MATTERS
        ]
        page = page_for(tx, request, "此案")
        present = await others_present(tx, case_id, people)
        return render(request, "screening/presence.html", page, present=present, changed=changed, case_id=case_id)

    return await act.read(do)


_NEXT = {
    CaseState.ACCEPTED: "作出结论后即通知申报单位",
    CaseState.RECTIFYING: "申报单位整改后重新提交，再作结论",
}
"""What comes next for the office; the case's own words speak to its applicant."""


async def case_page(tx: Tx, request: Request) -> Response:
    """The whole case with everything that may be done on it."""
    found = await store.case_of(tx, path_id(request, "case_id"))
    view, category = await desk_view(tx, found), category_of(found)
    stage = await store.running_stage_of(tx, found.category_id, "screening")
    crumbs = [Link(label="初审台", href="/screening")]
    if stage is not None:
        crumbs.append(Link(label=category.name, href=f"/screening/{stage.stage_id}"))
    page = page_for(
        tx,
        request,
        f"{view.number or '未编号'} {view.subject['name']}",
        programme=book_of(found).short_title,
        year=(await store.cycle_years(tx, [found.cycle_id])).get(found.cycle_id),
        category=category.name,
        expected_of_me="核对材料并作出结论" if view.state == "accepted" and stage else None,
        until=view.until,
        next_step=_NEXT.get(CaseState(view.state), view.next_step),
        crumbs=tuple(crumbs),
    )
    return render(
        request,
        "screening/case.html",
        page,
        view=view,
        badge=case_badge(view.state, view.state_text),
        steps=steps_of(view),
        sections=sections(category, found.variant, found.entered, frozenset(), "applicant"),
        kinds={kind.id: kind.label for kind in (*evidence_kinds(category), PAPER)},
        facts={fact.id: fact.label for fact in category.facts},
        items=_items(category),
        articles=[(one.number, f"{one.number} {one.label}") for one in book_of(found).articles],
        article=stage_article(found, "screening") if stage else "",
        finding_kinds=list(KINDS.items()),
        finding_words={**KINDS, "inconsistency": "前后不一致"},
        **_record_choices(found, category),
        severities=_SEVERITIES,
        may_decide=view.state == "accepted" and stage is not None,
        may_rectify=view.rectification is None,
        people=[(str(one.account_id), one.name) for one in await store.assignable(tx)],
        mine=found.assignee is not None and found.assignee == tx.actor.account_id,
        open_points=sum(point.ticked_at is None for point in view.checklist),
        undecided=CaseState(found.state) in UNDECIDED,
        exclusion=_exclusion(CaseState(found.state)),
        path=f"/screening/cases/{found.case_id}",
        badges=_MENDING,
        outcomes={state.value: word for state, word in WORDS.items()},
    )


_MENDING = {
    "open": Badge(text="进行中"),
    "fulfilled": Badge(text="已整改"),
    "lapsed": Badge(text="逾期"),
    "void": Badge(text="不再进行"),
}


def _exclusion(state: CaseState) -> dict[str, str] | None:
    """What two persons may do with a case in this state, as a link."""
    if state in (*UNDECIDED, CaseState.PASSED):
        return {"path": "disqualify", "label": "取消参评资格"}
    return {"path": "reinstate", "label": "恢复参评资格"} if state is CaseState.DISQUALIFIED else None


def _record_choices(case: Case, category: Category) -> dict[str, Any]:
    """What a finding may be about and what it may raise; whom to ask."""
    card = category.scorecard
    return {
        "card_items": list(investigations.items_of(case).items()),
        "vetoes": [(one.id, one.label) for one in card.vetoes] if card else [],
        "zeros": [(one.id, one.label) for one in card.zero_conditions] if card else [],
        "departments": [(str(one), name) for one, name in investigations.departments_of(case).items()],
    }


def _items(category: Category) -> list[tuple[str, str]]:
    """What may be sent back: the applicant's facts and the kinds of evidence."""
    facts = [(fact.id, fact.label) for fact in category.facts if fact.filled_by == "applicant"]
    return [*facts, *((kind.id, kind.label) for kind in evidence_kinds(category))]


@router.post("/screening/cases/{case_id}/decision")
async def decide(
    request: Request,
    case_id: UUID,
    decision: Text,
    article: Text,
    expected_version: Annotated[int, Form()],
    seen: Annotated[int | None, Form()] = None,
    reason: Text = "",
    act: Act = acting_form("screening.decide", page=case_page),
) -> Response:
    """Decide."""
    form = await request.form()
    items = tuple(RectificationItem(str(field), str(form.get(f"reason-{field}", ""))) for field in form.getlist("item"))
    reasons = {f"items.{place}.reason": f"reason-{one.field}" for place, one in enumerate(items)}

    async def do(tx: Tx) -> str:
        if decision not in ("pass", "rectify", "reject"):
            raise Refusal("invalid_request", "请选择结论。", field="decision")
        verdict = Verdict(decision, article, reason, expected_version, items, seen)
        with inputs({"items": "item", **reasons}):
            return (await screening.decide_case(tx, case_id, verdict)).state

    return await then_case(case_id, act, do)


@router.post("/screening/cases/{case_id}/inconsistencies/{digest}")
async def waive(
    case_id: UUID, digest: str, reason: Text = "", act: Act = acting_form("inconsistency.waive", page=case_page)
) -> Response:
    """Let an inconsistency stand."""

    async def do(tx: Tx) -> str:
        return (await screening.waive_inconsistency(tx, case_id, digest, reason)).digest

    return await then_case(case_id, act, do)


@router.post("/screening/cases/{case_id}/checklist")
async def tick(
    case_id: UUID, point: Text, done: Text = "", act: Act = acting_form("screening.decide", page=case_page)
) -> Response:
    """Say that a point was looked at, or take it back."""

    async def do(tx: Tx) -> str:
        await (work.tick_point if done == "yes" else work.untick_point)(tx, case_id, point)
        return point

    return await then_case(case_id, act, do, "#checklist")


@router.post("/screening/cases/{case_id}/assign")
async def assign(
    case_id: UUID,
    assignee: Text = "",
    to: Text = "",
    note: Text = "",
    act: Act = acting_form("case.assign", page=case_page),
) -> Response:
    """Take the case, hand it over to somebody, or give it back."""
    wanted = to if assignee == "chosen" else assignee

    async def do(tx: Tx) -> str:
        with inputs({"assignee": "to"}):
            return str((await work.assign_case(tx, case_id, assignee_of(tx, wanted), note)).case_id)

    return await then_case(case_id, act, do)


async def then_case(case_id: UUID, act: Act, do: Callable[[Tx], Awaitable[str]], part: str = "") -> Response:
    """Act and go back to the case."""
    await act(do)
    return RedirectResponse(f"/screening/cases/{case_id}{part}", HTTPStatus.SEE_OTHER)
