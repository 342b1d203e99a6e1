"""The public site served by the process itself: the same bytes as the pre-rendered files, when those are missing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.publication.actions.sites import FIXED
from services.publication.site import checking
from services.publication.site.views import page_of, view_of
from services.publication.tables import Posting
from shared.infra.database import Tx
from shared.web.public_act import run_public

router = APIRouter(include_in_schema=False)


async def _page(request: Request, kind: str, ref: UUID | None = None) -> Response:
    service, templates = request.app.state.service, request.app.state.templates
    async with service.database.transaction() as tx:
        view = await view_of(tx, kind, ref)
    body = templates.env.get_template(view.template).render(page=view.page, **view.context)
    return Response(body, media_type="text/html; charset=utf-8")


def _fixed(path: str, kind: str) -> None:
    @router.get(path, name=f"page_{kind}")
    async def page(request: Request) -> Response:
        return await _page(request, kind)


for _path, _kind in FIXED.items():
    _fixed(_path.removesuffix("/index.html") or "/", _kind)


@router.get("/lists/{stage_id}")
async def notice(request: Request, stage_id: UUID) -> Response:
    """A call or notice, or the notice that a category has ended."""
    async with request.app.state.service.database.transaction() as tx:
        ended = await tx.session.get(Posting, stage_id)
    return await _page(request, "notice" if ended is None else "termination", stage_id)


@router.get("/results/check")
async def check(request: Request, number: Annotated[str, Query(max_length=checking.MOST)] = "") -> Response:
    """Whether a number stands in a released list."""

    async def show(tx: Tx) -> Response:
        found = await checking.find(tx, number) if number.strip() else []
        page = page_of(tx, "查名单", "/results")
        context = {"page": page, "typed": number.strip(), "found": found}
        body: Response = request.app.state.templates.TemplateResponse(request, "check.html", context)
        return body

    return await run_public(request, show)


@router.get("/results/{category_id}")
async def result(request: Request, category_id: UUID) -> Response:
    """A category's released lists."""
    return await _page(request, "result", category_id)
