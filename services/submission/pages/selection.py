"""媒体筛选: which of the nominated events go on when the office ends a nomination."""

from collections.abc import Collection
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from services.submission import reading, store
from services.submission.actions import stages
from services.submission.actions.rules import book_of, category_of, stage_params
from services.submission.domain.cases import CaseState
from services.submission.site import page_for, render
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.refusals import NotFound, Refusal
from shared.web.act import Act, acting, acting_form
from shared.web.form_again import form_of, path_id
from shared.web.parts import Link

router = APIRouter(include_in_schema=False)


@router.get("/screening/{stage_id}/selection")
async def selection(request: Request, stage_id: UUID, act: Act = acting("screening.close")) -> Response:
    """The nominated events, all of them ticked while there are not too many."""
    return await act.read(lambda tx: _page(tx, request))


def _cases(ticked: Collection[str]) -> list[UUID]:
    try:
        return [UUID(one) for one in ticked]
    except ValueError:
        raise Refusal("unknown_case", "所选项目中有的不在提名之列。", field="selected") from None


async def _page(tx: Tx, request: Request) -> Response:
    stage_id = path_id(request, "stage_id")
    stage = await _nomination(tx, stage_id)
    nominated = await store.cases_of_category(tx, stage.category_id, [CaseState.ACCEPTED])
    count = int(stage_params(stage, stage.kind).count)
    path = f"/screening/{stage_id}/selection"
    proposed = [str(one.case_id) for one in nominated] if len(nominated) <= count else []
    category = category_of(stage)
    page = page_for(
        tx,
        request,
        f"{category.name}·筛选提名",
        programme=book_of(stage).short_title,
        category=category.name,
        expected_of_me=f"从 {len(nominated)} 项提名中保留至多 {count} 项",
        next_step="结束后冻结移交清单，交下一阶段",
        crumbs=(
            Link(label="初审台", href="/screening"),
            Link(label=f"{category.name}·提名", href=f"/screening/{stage_id}"),
        ),
    )
    return render(
        request,
        "screening/selection.html",
        page,
        path=path,
        nominated=[(str(one.case_id), one.number, one.title) for one in nominated],
        chosen=form_of(request, path).chosen("selected", proposed),
        count=count,
        open=stage.state == "open" and await store.closing_of(tx, stage_id) is None,
    )


async def _nomination(tx: Tx, stage_id: UUID) -> Stage:
    stage = await reading.stage_of(tx, stage_id)
    if stage.kind != "nomination":
        raise NotFound("这个阶段没有提名可筛选。")
    return stage


@router.post("/screening/{stage_id}/selection")
async def select(request: Request, stage_id: UUID, act: Act = acting_form("screening.close", page=_page)) -> Response:
    """End the nomination with the ticked events."""
    form = await request.form()
    ticked = [str(one) for one in form.getlist("selected")]

    async def do(tx: Tx) -> str:
        if not ticked:
            raise Refusal("none_selected", "请勾选保留的提名，至少一项。", field="selected")
        return str((await stages.end_stage(tx, stage_id, _cases(ticked))).stage_id)

    await act(do)
    return RedirectResponse(f"/screening/{stage_id}", HTTPStatus.SEE_OTHER)
