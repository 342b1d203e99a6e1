"""A case on the screener's desk: what to look at, what is settled, what was done, who else is at it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import current_findings
from services.submission.actions.desk import LEASE
from services.submission.actions.inconsistencies import inconsistencies_of
from services.submission.actions.rules import category_of
from services.submission.domain import history
from services.submission.reading import case_view, mended_views
from services.submission.tables import Case
from services.submission.views import (
    DeskView,
    DoneView,
    FindingView,
    InconsistencyView,
    PointView,
    RequestView,
    RuleView,
)
from shared.infra.database import Tx
from shared.infra.tables import Audit
from shared.rulebook import Category, check_eligibility, read_figures


async def desk_view(tx: Tx, case: Case) -> DeskView:
    """A case with what the screener must look at."""
    category = category_of(case)
    figures = read_figures(category, case.entered).figures
    people = await store.colleagues(tx)
    done = await store.history_of(tx, case.case_id)
    return DeskView(
        **(await case_view(tx, case)).model_dump(),
        to_look_at=[
            RuleView(rule=one.rule, article=one.article, message=one.message)
            for one in check_eligibility(category, figures)
        ],
        inconsistencies=await inconsistency_views(tx, case),
        mended=await mended_views(tx, case, category),
        findings=await finding_views(tx, case.case_id),
        requests=[RequestView.model_validate(one.model_dump()) for one in await store.requests_of(tx, case.case_id)],
        checklist=await _points(tx, case, category, people),
        history=_told(category, people, done),
        seen=max((one.id or 0 for one in done), default=0),
        assignee=case.assignee,
        assignee_name=people.get(case.assignee) if case.assignee else None,
        present=await others_present(tx, case.case_id, people),
        paper_on=case.paper_on,
    )


async def _points(tx: Tx, case: Case, category: Category, people: Mapping[UUID, str]) -> list[PointView]:
    ticks = await store.ticks_of(tx, case.case_id)
    found = []
    for point in category.checklist:
        tick = ticks.get(point.id)
        found.append(
            PointView(
                **point.model_dump(),
                ticked_at=tick.ticked_at if tick else None,
                ticked_by=history.who(people, tick.ticked_by) if tick else None,
            )
        )
    return found


def _told(category: Category, people: Mapping[UUID, str], done: Sequence[Audit]) -> list[DoneView]:
    return [
        DoneView(at=one.occurred_at, who=history.who(people, one.actor_id), words=history.words(category, people, one))
        for one in done
        if one.action in history.SHOWN
    ]


async def others_present(tx: Tx, case_id: UUID, people: Mapping[UUID, str]) -> list[str]:
    """Who else had the case open in the last minutes, by name."""
    seen = await store.present_in(tx, case_id, tx.system_now - LEASE)
    return [people.get(one.account_id, "另一位同事") for one in seen if one.account_id != tx.actor.account_id]


async def finding_views(tx: Tx, case_id: UUID) -> list[FindingView]:
    """The record of a case, earlier editions included."""
    found = await store.investigations_of(tx, case_id)
    current = {one.investigation_id for one in current_findings(found)}
    return [
        FindingView.model_validate({**one.model_dump(), "replaced": one.investigation_id not in current})
        for one in found
    ]


async def inconsistency_views(tx: Tx, case: Case) -> list[InconsistencyView]:
    """What does not agree in a case, with the reasons of what was waived."""
    waived = await store.waivers_of(tx, case.case_id)
    views_of = []
    for one in inconsistencies_of(case):
        waiver = waived.get(one.digest)
        views_of.append(
            InconsistencyView(
                digest=one.digest,
                check=one.check,
                indicator=one.indicator,
                severity=one.severity,
                message=one.message,
                reason=waiver.reason if waiver else None,
                waived_at=waiver.waived_at if waiver else None,
            )
        )
    return views_of
