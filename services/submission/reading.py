"""Assembling the views from rows; used by the API and the pages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.submission import store, views
from services.submission.actions.cases import accepted_dossier, evidence_items
from services.submission.actions.inconsistencies import inconsistencies_of
from services.submission.actions.rules import book_of, category_of, stage_article
from services.submission.domain.cases import UNDECIDED, CaseState, next_step, who_must_act
from services.submission.domain.drafting import Typed, for_reading, options_of
from services.submission.domain.evidence import in_editions, previewed
from services.submission.domain.filing import TITLES, RectificationItem
from services.submission.domain.mending import Filed, mended
from services.submission.domain.statement import evidence_kinds
from services.submission.domain.timeline import Begun, Course, Decided, Mending, in_hand, timeline
from services.submission.tables import Case, Evidence, EvidenceBinding, Rectification, StageCopy
from services.submission.views import (
    BindingView,
    CallView,
    CaseLine,
    CaseView,
    EventView,
    EvidenceView,
    ItemView,
    MendedView,
    MessageView,
    QueueLine,
    QueueView,
    RectificationView,
    StepView,
)
from shared.contracts.notices import notice_title
from shared.infra.database import Tx
from shared.infra.stages import running_stages, stage_row, term_of
from shared.infra.tables import Stage
from shared.kernel.calendar import Term, business_date, describe, working_days_left
from shared.kernel.stages import RUNNING
from shared.rulebook import Category, Rulebook, StageKind

_MAY_CORRECT = frozenset({CaseState.DRAFT, CaseState.RECTIFYING})
NO_FEE = "不收费"
TOO_LATE = "申报已截止，没有提交的草稿不再受理。"


async def calls(tx: Tx) -> list[CallView]:
    """Windows that are open now."""
    stages = await running_stages(tx, "application_window")
    return [call for call in (call_view(tx, stage) for stage in stages) if call.open]


def _runs(tx: Tx, stage: Stage) -> bool:
    return stage.closes_at is None or tx.now < stage.closes_at


def call_view(tx: Tx, stage: Stage) -> CallView:
    """A window as applicants see it."""
    book, category = book_of(stage), category_of(stage)
    term = term_of(stage) if stage.term else None
    return CallView(
        stage_id=stage.stage_id,
        category_id=stage.category_id,
        category_key=stage.category_key,
        category=category.name,
        programme=book.short_title,
        article=category.article,
        open=stage.state == "open" and _runs(tx, stage),
        closes_at=stage.closes_at,
        provisional=term is not None and term.provisional,
        working_days_left=days_left(tx, term) if term else None,
        counted_days=tuple(day.isoformat() for day in term.counted_days) if term else (),
        derivation=f"{describe(term)}。" if term else None,
        no_fee=no_fee(book),
        who_may_enter=category.who_may_enter,
        variants={variant.id: variant.name for variant in category.variants},
        title_label=TITLES.get(category.subject_kind),
    )


def no_fee(book: Rulebook) -> str | None:
    """That nothing is charged, with the article that says so, where the rulebook has one."""
    said = next((article for article in book.articles if NO_FEE in article.label), None)
    return f"申报、审查和发布均不收取任何费用（{said.number}：{said.label}）。" if said else None


def days_left(tx: Tx, term: Term) -> int:
    """Counted days not yet over, today included."""
    return working_days_left(term, business_date(tx.now))


def lines(cases: list[Case]) -> list[CaseLine]:
    """Cases as lines."""
    return [views.line(case, category_of(case).name) for case in cases]


async def case_view(tx: Tx, case: Case) -> CaseView:
    """Everything its applicant and the office may see of a case."""
    category = category_of(case)
    rectification = await store.rectification_of(tx, case.case_id)
    files = await evidence_views(tx, case.case_id)
    state = CaseState(case.state)
    too_late = state is CaseState.DRAFT and await _window_is_over(tx, case)
    steps = await _steps(tx, case, category)
    return CaseView(
        **views.line(case, category.name).model_dump(),
        now=tx.now,
        next_step=TOO_LATE if too_late else next_step(state, _in_public(steps)),
        who_must_act=None if too_late else who_must_act(state),
        in_hand=None if too_late else _in_hand(category, state, steps),
        article=_article(case, category, steps),
        until=await _until(tx, case, rectification),
        stages=steps,
        released=_released_at(steps) is not None,
        figures=case.entered,
        evidence=files,
        rectification=rectification_view(tx, category, rectification) if rectification else None,
        decisions=[
            views.DecisionView.model_validate(one.model_dump()) for one in await store.decisions_of(tx, case.case_id)
        ],
        timeline=await _timeline(tx, case, category, steps),
        receipt=views.receipt_view(case),
        warnings=[one.message for one in inconsistencies_of(case)] if state in _MAY_CORRECT and not too_late else [],
    )


async def _window_is_over(tx: Tx, case: Case) -> bool:
    stage = await tx.session.get(Stage, case.stage_id)
    return stage is None or stage.state not in RUNNING or (stage.closes_at is not None and tx.now >= stage.closes_at)


async def _until(tx: Tx, case: Case, rectification: Rectification | None) -> datetime | None:
    if case.state == CaseState.RECTIFYING and rectification is not None:
        return rectification.closes_at
    stage = await tx.session.get(Stage, case.stage_id)
    return stage.closes_at if stage is not None and case.state == CaseState.DRAFT else None


def _article(case: Case, category: Category, steps: Sequence[StepView]) -> str | None:
    running = _running(steps) if case.state == CaseState.PASSED else None
    kind = "application_window" if case.state == CaseState.DRAFT else running or "screening"
    return stage_article(case, kind) if category.stage(StageKind(kind)) else category.article


def _running(steps: Sequence[StepView]) -> str | None:
    """The kind of the stage that runs now; the last one where several do."""
    return next((step.kind for step in reversed(steps) if step.state in ("open", "paused")), None)


def _in_public(steps: Sequence[StepView]) -> str | None:
    """The kind of the latest stage whose list is public now."""
    return next((step.kind for step in reversed(steps) if step.href), None)


def _released_at(steps: Sequence[StepView]) -> datetime | None:
    return next((step.opens_at for step in steps if step.kind == StageKind.RELEASE), None)


def _in_hand(category: Category, state: CaseState, steps: Sequence[StepView]) -> str | None:
    return in_hand(state, _running(steps), decided_by(category))


def decided_by(category: Category) -> str | None:
    """Who decides the list of a category by its rulebook, where somebody does."""
    decision = category.stage(StageKind.DECISION)
    return getattr(decision.params, "decided_by", None) if decision else None


async def _timeline(tx: Tx, case: Case, category: Category, steps: Sequence[StepView]) -> list[EventView]:
    departure = await store.departure_of(tx, case.case_id)
    course = Course(
        opened_at=case.opened_at,
        accepted_at=case.accepted_at,
        number=case.number,
        left_at=departure.left_at if departure else None,
        left_as=departure.kind if departure else None,
        left_reason=departure.reason if departure else "",
        left_article=departure.article if departure else None,
        reinstated_at=case.reinstated_at,
        released_at=_released_at(steps) if case.manifest_id is not None else None,
    )
    mendings = [
        Mending(one.asked_at, one.article, len(one.items), one.reminded_at, one.ended_at, one.state)
        for one in await store.rectifications_of(tx, case.case_id)
    ]
    decisions = [
        Decided(one.decided_at, one.outcome, one.article, one.reason)
        for one in await store.decisions_of(tx, case.case_id)
    ]
    events = timeline(course, mendings, decisions, _begun(case, category, steps))
    return [EventView(at=event.at, text=event.text, article=event.article) for event in events]


def _begun(case: Case, category: Category, steps: Sequence[StepView]) -> list[Begun]:
    """Stages that began after the case was handed over."""
    if case.manifest_id is None:
        return []
    own = ("call", "application_window", "intake", "nomination", "screening", "release")
    found = [step for step in steps if step.opens_at is not None and step.kind not in own]
    return [Begun(step.opens_at, step.title, stage_article(case, step.kind)) for step in found if step.opens_at]


async def inbox_view(tx: Tx) -> list[MessageView]:
    """The messages to the enterprises one acts for."""
    return [
        MessageView(
            notice_id=message.notice_id,
            title=notice_title(message.template),
            category=category_of(case).name,
            enterprise=str(case.subject["name"]),
            number=case.number,
            until=message.until,
            sent_at=message.sent_at,
            read_at=message.read_at,
        )
        for message, case in await store.messages(tx, tx.actor.acts_for)
    ]


async def _steps(tx: Tx, case: Case, category: Category) -> list[views.StepView]:
    """The category's stages in the rulebook's order, with the terms of those that have begun."""
    begun = (await store.stage_copies(tx, [case]))[case.case_id]
    steps = []
    for stage in category.stages:
        copy = begun.get(stage.kind.value)
        steps.append(
            views.StepView(
                kind=stage.kind,
                title=stage.title,
                state=copy.state if copy else "future",
                opens_at=copy.opens_at if copy else None,
                closes_at=copy.closes_at if copy else None,
                provisional=bool(copy and copy.provisional),
                href=_public_page(copy) if copy else None,
            )
        )
    return steps


def _public_page(copy: StageCopy) -> str | None:
    """Where everybody reads the list of a stage: a notice once its term runs, and what was released."""
    if copy.kind == StageKind.RELEASE:
        return f"/results/{copy.category_id}"
    return f"/lists/{copy.stage_id}" if copy.kind == StageKind.PUBLICITY and copy.closes_at is not None else None


def rectification_view(tx: Tx, category: Category, rectification: Rectification) -> RectificationView:
    """A rectification with the labels of its items."""
    term = Term.model_validate(rectification.term)
    return RectificationView(
        state=rectification.state,
        article=rectification.article,
        reason=rectification.reason,
        items=[
            ItemView(field=item["field"], label=label_of(category, item["field"]), reason=item["reason"])
            for item in rectification.items
        ],
        closes_at=rectification.closes_at,
        working_days_left=days_left(tx, term),
        counted_days=[day.isoformat() for day in term.counted_days],
        provisional=term.provisional,
    )


def label_of(category: Category, field: str) -> str:
    """The printed label of a fact or a kind of evidence."""
    fact = category.fact(field)
    if fact is not None:
        return fact.label
    return next((kind.label for kind in evidence_kinds(category) if kind.id == field), field)


async def evidence_views(tx: Tx, case_id: UUID) -> list[EvidenceView]:
    """Files of a case that were not removed, editions of a file together, the newest first."""
    files = [one for one in await store.evidence_of(tx, case_id) if one.state != "removed"]
    bound = await store.bindings_of(tx, [one.evidence_id for one in files]) if files else {}
    return [evidence_view(one, bound.get(one.evidence_id, ())) for one in in_editions(files)]


def evidence_view(evidence: Evidence, bound: Sequence[EvidenceBinding] = ()) -> EvidenceView:
    """One file as answered."""
    stored = evidence.state in ("kept", "replaced")
    link = f"/api/submission/cases/{evidence.case_id}/evidence/{evidence.evidence_id}" if stored else None
    shown = previewed(evidence.name, evidence.pages) if link else 0
    return EvidenceView(
        **evidence.model_dump(),
        figures=tuple(one.figure for one in bound),
        bound=tuple(BindingView(figure=one.figure, page=one.page) for one in bound),
        link=link,
        previews=tuple(f"{link}/preview?page={page}" for page in range(1, shown + 1)),
    )


async def queue_view(tx: Tx, stage_id: UUID) -> QueueView:
    """The queue of a screening stage: undecided first, then by number."""
    stage = await stage_row(tx, stage_id)
    cases = [case for case in await store.cases_of_category(tx, stage.category_id) if case.state != CaseState.DRAFT]
    terms = await store.rectification_ends(tx, stage_id)
    ordered = sorted(cases, key=lambda case: (CaseState(case.state) not in UNDECIDED, case.number or ""))
    return QueueView(
        stage_id=stage_id,
        state=stage.state,
        counts=await store.count_states(tx, stage.category_id),
        cases=[
            QueueLine(**line.model_dump(), rectification_closes_at=terms.get(line.case_id)) for line in lines(ordered)
        ],
    )


async def mended_views(tx: Tx, case: Case, category: Category) -> list[MendedView]:
    """What a fulfilled rectification has changed since the receipt was given."""
    rectification = await store.rectification_of(tx, case.case_id, state="fulfilled")
    if rectification is None:
        return []
    accepted = await accepted_dossier(tx, case)
    before = Filed(accepted.figures, accepted.evidence)
    after = Filed(case.entered, await evidence_items(tx, case.case_id))
    items = [RectificationItem(item["field"], item["reason"]) for item in rectification.items]
    return [
        MendedView(
            label=label_of(category, one.field),
            reason=one.reason,
            before=_in_words(category, one.field, one.before),
            after=_in_words(category, one.field, one.after),
            changed=one.changed,
        )
        for one in mended(category, items, before, after)
    ]


def _in_words(category: Category, field: str, typed: Typed) -> str:
    fact = category.fact(field)
    return for_reading(typed, options_of(fact) if fact else (), fact.unit if fact else None)


async def stage_of(tx: Tx, stage_id: UUID) -> Stage:
    """One of this service's stages."""
    return await stage_row(tx, stage_id)


async def days_left_of(tx: Tx, case: Case) -> int | None:
    """Working days left of the term that runs for the applicant, if one does."""
    if case.state == CaseState.RECTIFYING:
        rectification = await store.rectification_of(tx, case.case_id, state="open")
        return days_left(tx, Term.model_validate(rectification.term)) if rectification else None
    stage = await tx.session.get(Stage, case.stage_id)
    if case.state == CaseState.DRAFT and stage is not None and stage.term is not None:
        return days_left(tx, term_of(stage))
    return None
