"""What every page of submission has: templates, who is signed in, where they may go, and how a refusal looks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from services.submission.views import CaseView, StepView
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.infra.service import Service
from shared.kernel.calendar import Term as CountedTerm
from shared.kernel.calendar import WorkingCalendar, business_date, describe, paused_days, working_days_left
from shared.kernel.refusals import Refusal
from shared.web.act import csrf_token
from shared.web.form_again import form_of, refused_on
from shared.web.formats import local_date
from shared.web.navigation import INBOX, menu, role_words
from shared.web.page import Actor as Person
from shared.web.page import PageContext
from shared.web.parts import Badge, StageStep, StepState, Term, Tone
from shared.web.refusal_page import make_refusal_renderer
from shared.web.templating import make_templates

TEMPLATES = Path(__file__).parent / "templates"

_TONES = {
    "draft": Tone.NEUTRAL,
    "accepted": Tone.WORKING,
    "rectifying": Tone.WARNING,
    "passed": Tone.GOOD,
    "rejected": Tone.BAD,
    "lapsed": Tone.BAD,
    "disqualified": Tone.BAD,
    "withdrawn": Tone.NEUTRAL,
    "ended": Tone.NEUTRAL,
}
_SHORT = {
    "call": "启动",
    "application_window": "申报",
    "intake": "采集",
    "nomination": "提名",
    "screening": "初审",
    "public_vote": "投票",
    "panel_review": "专家审查",
    "event_ordering": "评议排序",
    "evaluation": "评价计分",
    "decision": "研究决定",
    "consultation": "意见征询",
    "publicity": "公示",
    "release": "发布",
}
_STEP_STATES = {
    "future": StepState.FUTURE,
    "open": StepState.CURRENT,
    "paused": StepState.PAUSED,
    "closed": StepState.DONE,
    "cancelled": StepState.CANCELLED,
}


def install(app: FastAPI, service: Service) -> None:
    """Rulebooks before the first request needs them; templates; how a refusal looks to people."""
    load_shipped()
    app.state.templates = make_templates(TEMPLATES, rehearsal=service.rehearsal)
    app.state.render_refusal = make_refusal_renderer(app.state.templates, service.database)


def page_for(tx: Tx, request: Request, title: str, *, unread: int = 0, **answers: Any) -> PageContext:
    """The page's context for whoever is signed in; ``unread`` messages, ``answers`` further fields of ``PageContext``.

    An enterprise reads its notices as messages here, everybody else at office.
    """
    nav = menu(tx.actor, request.url.path, {INBOX: unread})
    person = Person(name="", role=role_words(tx.actor.roles))
    return PageContext(title=title, server_time=tx.now, actor=person, nav=nav, **answers)


def render(request: Request, template: str, page: PageContext, *, status: int = 200, **context: Any) -> Response:
    """A page; forms in it find ``csrf``, a fresh ``key``, and with ``form_at`` how they were sent and refused."""
    templates: Jinja2Templates = request.app.state.templates
    forms: dict[str, Any] = {"csrf": csrf_token(request), "key": str(new_id())}
    forms |= {"form_at": partial(form_of, request), "errors": refused_on(request)}
    return templates.TemplateResponse(request, template, {"page": page, **forms, **context}, status_code=status)


def render_bare(request: Request, template: str, page: PageContext, **context: Any) -> Response:
    """A page for anybody, without forms that write."""
    templates: Jinja2Templates = request.app.state.templates
    return templates.TemplateResponse(request, template, {"page": page, **context})


@contextmanager
def inputs(names: Mapping[str, str]) -> Iterator[None]:
    """Within, a refusal names its fields as the page names their inputs."""
    try:
        yield
    except Refusal as refusal:
        refusal.field = names.get(refusal.field, refusal.field) if refusal.field else None
        refusal.problems = tuple(replace(one, field=names.get(one.field, one.field)) for one in refusal.problems)
        raise


def case_badge(state: str, text: str) -> Badge:
    """A case's state as a word with a shape."""
    return Badge(text=text, tone=_TONES[state])


def steps_of(view: CaseView) -> tuple[StageStep, ...]:
    """The stage line of a case: it ends where the case ended."""
    return tuple(_step(step) for step in view.stages)


def _step(step: StepView) -> StageStep:
    opens_at: datetime | None = step.opens_at
    return StageStep(
        name=_SHORT.get(step.kind, step.title),
        state=_STEP_STATES.get(step.state, StepState.FUTURE),
        opens_on=local_date(opens_at) if opens_at else None,
        closes_at=step.closes_at,
        provisional=step.provisional,
        href=step.href,
    )


def case_path(case_id: UUID | str) -> str:
    """Where an applicant finds a case."""
    return f"/portal/applications/{case_id}"


def term_part(
    term: CountedTerm, label: str, now: datetime, calendar: WorkingCalendar, article: str | None = None
) -> Term:
    """A term as people see it: which days counted, 调休 and holidays by name, the derivation in a sentence."""
    return Term(
        label=label,
        ends_at=term.closes_at,
        working_days_left=working_days_left(term, business_date(now)),
        counted=term.counted_days,
        posted_on=term.starts_on,
        paused=tuple(paused_days(term)),
        day_labels=_named_days(term, calendar),
        today=business_date(now),
        provisional=term.provisional,
        earliest_end=term.earliest_closes_at if term.provisional else None,
        rule=f"{describe(term)}。",
        article=article,
        calendar_version=term.calendar_version,
    )


def _named_days(term: CountedTerm, calendar: WorkingCalendar) -> dict[date, str]:
    """Festivals within the term, and the working days made up for them."""
    days = (term.starts_on + timedelta(days=step) for step in range((term.last_day - term.starts_on).days + 1))
    known = ((day, calendar.kind(day)) for day in days if calendar.first_day <= day <= calendar.last_day)
    return {day: kind.name for day, kind in known if kind.reason == "statutory" and kind.name}
