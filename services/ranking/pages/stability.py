"""评分稳定性 and 名单结构: how firmly a ranking stands, sheets that stand out, the balance of a list."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ranking import reading
from services.ranking.pages.base import HOME, page_for, render
from services.ranking.views.balance import balance_view
from services.ranking.views.stability import stability_view
from services.ranking.views.stage import quota_words
from shared.infra.database import Tx
from shared.kernel.refusals import NotFound
from shared.web.act import Act, acting
from shared.web.parts import Column, Link, Row
from shared.web.rights import may

router = APIRouter(prefix="/committee", include_in_schema=False)
LIST = Link(label="评分稳定性", href="/committee/stability")


@router.get("/stability")
async def rankings(request: Request, act: Act = acting("stability.read")) -> Response:
    """The rankings that rest on experts' sheets."""

    async def read(tx: Tx) -> Response:
        rows = tuple(
            Row(
                cells=(f"{one['category']}", f"{one['programme']}", "已结束" if one["closed_at"] else "进行中"),
                href=f"/committee/stages/{one['stage_id']}/stability",
            )
            for one in await reading.rankings_examined(tx)
        )
        page = page_for(tx, request, "评分稳定性")
        columns = (Column(label="项目"), Column(label="活动"), Column(label="研究决定"))
        return render(request, "stability_list.html", page, columns=columns, rows=rows)

    return await act.read(read)


@router.get("/stages/{stage_id}/stability")
async def stability(stage_id: UUID, request: Request, act: Act = acting("stability.read")) -> Response:
    """One ranking, as pictures with the numbers beneath."""

    async def read(tx: Tx) -> Response:
        found = await reading.stability_shown(tx, stage_id)
        view = stability_view(found["stability"], found["ranking"]) if found["stability"] else None
        sheets = await reading.sheets_shown(tx, stage_id) if may(tx.actor, "sheet.examine") else None
        place = {"programme": found["programme"], "category": found["category"]}
        page = page_for(tx, request, "评分稳定性", crumbs=(LIST,), **place)
        return render(request, "stability.html", page, view=view, withheld=found["withheld"], sheets=sheets)

    return await act.read(read)


@router.get("/stages/{stage_id}/balance")
async def balance(
    stage_id: UUID, request: Request, propose: bool = False, act: Act = acting("ranking.read")
) -> Response:
    """How the list spreads and why entries near the line are in or out; proposes only when asked."""

    async def read(tx: Tx) -> Response:
        shown = await reading.stage_shown(tx, stage_id)
        if shown["kind"] != "decision" or shown["decides"] == "recommendation":
            raise NotFound("本阶段没有名额线。")
        kept = (await reading.stability_shown(tx, stage_id))["stability"]
        view = balance_view(shown, kept, propose=propose)
        crumbs = (HOME, Link(label="排序", href=f"/committee/stages/{stage_id}"))
        place = {"programme": shown["programme"], "category": shown["category"]}
        page = page_for(tx, request, "名单结构", crumbs=crumbs, **place)
        return render(request, "balance.html", page, view=view, shown=shown, quota_words=quota_words(shown))

    return await act.read(read)
