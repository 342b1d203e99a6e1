"""目标值: what the office has recorded for each enterprise, and its lock by two persons; before it nobody can file."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import store
from services.submission.actions import targets
from services.submission.actions.rules import book_of, category_of
from services.submission.domain.drafting import BLANK, for_reading, options_of, typed_in
from services.submission.site import page_for, render
from services.submission.tables import Target
from shared.infra.database import Tx
from shared.rulebook import Fact
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import path_id
from shared.web.formats import shanghai_datetime
from shared.web.parts import Column, Link, Row
from shared.web.two_persons import agreement

router = APIRouter(include_in_schema=False)


@router.get("/screening/targets/{stage_id}")
async def recorded(request: Request, stage_id: UUID, act: Act = acting("target.lock")) -> Response:
    """The recorded targets and how they are locked."""
    return await act.read(lambda tx: _page(tx, request))


async def _page(tx: Tx, request: Request) -> Response:
    stage_id = path_id(request, "stage_id")
    stage = await targets.targets_stage(tx, stage_id)
    category = category_of(stage)
    locked = await store.target_lock(tx, stage.category_id)
    found = await store.targets_of(tx, stage.category_id)
    names = {one.enterprise_id: one.name for one in await store.enterprises(tx, [row.enterprise_id for row in found])}
    facts = [fact for fact in category.facts if fact.filled_by == "office"]
    digest = await targets.targets_digest(tx, stage.category_id)
    path = f"/screening/targets/{stage_id}"
    subject = f"锁定“{category.name}”全部目标值，共 {len(found)} 家企业"
    page = page_for(
        tx,
        request,
        f"{category.name}·目标值",
        programme=book_of(stage).short_title,
        category=category.name,
        expected_of_me=None if locked else "核对目标值后由两人锁定，锁定前企业不能提交",
        crumbs=(Link(label="初审台", href="/screening"),),
    )
    return render(
        request,
        "screening/targets.html",
        page,
        path=path,
        locked=locked,
        columns=_columns(facts),
        rows=[_row(one, names.get(one.enterprise_id, "—"), facts) for one in found],
        agreed=agreement(request, targets.LOCK, digest, subject, path) if found and not locked else None,
    )


def _columns(facts: list[Fact]) -> tuple[Column, ...]:
    labels = (f"{fact.label}（{fact.unit}）" if fact.unit else fact.label for fact in facts)
    return (
        Column(label="企业"),
        *(Column(label=label) for label in labels),
        Column(label="来源"),
        Column(label="登记时间"),
    )


def _row(target: Target, name: str, facts: list[Fact]) -> Row:
    typed = typed_in(target.entered, {})
    values = (for_reading(typed.get(fact.id, BLANK), options_of(fact), None) for fact in facts)
    return Row(cells=(name, *values, target.source, shanghai_datetime(target.recorded_at)))


@router.post("/screening/targets/{stage_id}")
async def lock(stage_id: UUID, act: Act = acting_form("target.lock", page=_page)) -> Response:
    """Lock them with the ticket of two persons."""

    async def do(tx: Tx) -> str:
        return (await targets.lock_targets(tx, stage_id, act.ticket)).digest

    await act(do)
    return RedirectResponse(f"/screening/targets/{stage_id}", HTTPStatus.SEE_OTHER)
