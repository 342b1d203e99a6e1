"""导入 as pages: template, upload, preview with every fault in its place, and taking it over whole."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.tables import ImportFile
from shared.infra.workbook_rows import LARGEST, import_template
from shared.infra.workbooks import XLSX
from shared.kernel.refusals import NotFound
from shared.web.act import Act, acting, acting_form, csrf_token
from shared.web.form_again import form_of, path_id, refused_on
from shared.web.formats import shanghai_datetime
from shared.web.importing.acts import (
    ImportKind,
    Kinds,
    Tried,
    commit_import,
    import_of,
    imports_seen,
    kind_of,
    reasons_file,
    try_import,
    upload_import,
)
from shared.web.page import PageContext
from shared.web.parts import Badge, Column, Link, Row, Tone
from shared.web.rights import may

_PREVIEWED = 20
_PAST = tuple(Column(label=label) for label in ("文件", "内容", "上传时间", "结果", "摘要"))
_WRONG = tuple(Column(label=label) for label in ("位置", "原因"))
NOWHERE = UUID(int=0)
"""The place of an import that belongs to no stage."""


@dataclass(frozen=True)
class ImportRoom:
    """Where a service offers imports: path, act of its routes, kinds, what is offered now, how its pages begin.

    ``offered``: (kind, place, about what) in order; ``page_for``: (tx, request, title, crumbs) → the page's context.
    """

    path: str
    act: str
    kinds: Kinds
    offered: Callable[[Tx], Awaitable[Sequence[tuple[ImportKind, UUID, str]]]]
    page_for: Callable[[Tx, Request, str, tuple[Link, ...]], Awaitable[PageContext]]


def import_router(room: ImportRoom) -> APIRouter:
    """The pages of a room."""
    router = APIRouter(include_in_schema=False)
    _pages(router, room)
    _files(router, room)
    _acts(router, room)
    return router


def _pages(router: APIRouter, room: ImportRoom) -> None:
    path = room.path

    @router.get(path)
    async def imports(request: Request, act: Act = acting(room.act)) -> Response:
        """What may be imported now, and what was."""
        return await act.read(lambda tx: _overview(room, tx, request))

    @router.get(path + "/{import_id}")
    async def preview(request: Request, act: Act = acting(room.act)) -> Response:
        """What the import would do, row by row; or what it did."""
        return await act.read(lambda tx: _preview(room, tx, request))


def _files(router: APIRouter, room: ImportRoom) -> None:
    path, kinds = room.path, room.kinds

    @router.get(path + "/{kind}/{place}/template.xlsx")
    async def template(kind: str, place: UUID, act: Act = acting(room.act)) -> Response:
        """The empty template of a kind."""

        async def do(tx: Tx) -> tuple[str, bytes]:
            wanted = kind_of(kinds, kind)
            if not may(tx.actor, wanted.act):
                raise NotFound
            prepared = await wanted.prepare(tx, place)
            mark = "（演练）" if tx.rehearsal else ""
            return prepared.title, import_template(prepared.title, prepared.columns, mark=mark)

        title, content = await act.read(do)
        return _download(content, f"{title}.xlsx")

    @router.get(path + "/{import_id}/reasons.xlsx")
    async def reasons(import_id: UUID, act: Act = acting(room.act)) -> Response:
        """The uploaded workbook with a column of reasons."""

        async def do(tx: Tx) -> tuple[str, bytes]:
            tried = await try_import(tx, kinds, import_id)
            return tried.file.name, reasons_file(tried)

        name, content = await act.read(do)
        return _download(content, f"有误 {name}")


def _acts(router: APIRouter, room: ImportRoom) -> None:
    path, kinds = room.path, room.kinds
    overview, preview = partial(_overview, room), partial(_preview, room)

    @router.post(path + "/{import_id}/commit")
    async def commit(import_id: UUID, act: Act = acting_form(room.act, page=preview)) -> Response:
        """Take it over."""

        async def do(tx: Tx) -> str:
            return str((await commit_import(tx, kinds, import_id)).import_id)

        await act(do)
        return RedirectResponse(f"{path}/{import_id}", HTTPStatus.SEE_OTHER)

    @router.post(path + "/{kind}/{place}")
    async def upload(
        kind: str, place: UUID, file: UploadFile, act: Act = acting_form(room.act, page=overview)
    ) -> Response:
        """Hand a filled template in and go to its preview; a file that cannot be read is refused here."""
        content = await file.read(LARGEST + 1)

        async def do(tx: Tx) -> str:
            return str((await upload_import(tx, kinds, kind, place, file.filename or "", content)).import_id)

        return RedirectResponse(f"{path}/{await act(do)}", HTTPStatus.SEE_OTHER)


def _download(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=XLSX, headers=headers)


def _render(request: Request, template: str, page: PageContext, **context: Any) -> Response:
    templates: Jinja2Templates = request.app.state.templates
    hidden = {"csrf": csrf_token(request), "key": str(new_id())}
    forms = {"form_at": partial(form_of, request), "errors": refused_on(request)}
    return templates.TemplateResponse(request, f"importing/{template}", {"page": page, **hidden, **forms, **context})


async def _overview(room: ImportRoom, tx: Tx, request: Request) -> Response:
    page = await room.page_for(tx, request, "导入", ())
    return _render(
        request,
        "imports.html",
        page,
        path=room.path,
        offered=[one for one in await room.offered(tx) if may(tx.actor, one[0].act)],
        columns=_PAST,
        rows=[_past(room, file) for file in await imports_seen(tx, room.kinds)],
    )


def _past(room: ImportRoom, file: ImportFile) -> Row:
    done = file.committed_at is not None
    state = Badge(text=f"已导入 {file.rows} 行", tone=Tone.GOOD) if done else Badge(text="未导入")
    path = f"{room.path}/{file.import_id}"
    title = kind_of(room.kinds, file.kind).title
    cells = (Link(label=file.name, href=path), title, shanghai_datetime(file.uploaded_at))
    return Row(cells=(*cells, state, file.digest[:16]), href=path)


async def _preview(room: ImportRoom, tx: Tx, request: Request) -> Response:
    import_id = path_id(request, "import_id")
    file = await import_of(tx, room.kinds, import_id)
    tried = await try_import(tx, room.kinds, import_id) if file.committed_at is None else None
    kind = kind_of(room.kinds, file.kind)
    page = await room.page_for(tx, request, f"{kind.title}：{file.name}", (Link(label="导入", href=room.path),))
    context: dict[str, Any] = {"path": room.path, "file": file, "kind": kind, "tried": tried}
    if tried is not None:
        context |= _shown(tried)
    return _render(request, "import.html", page, **context)


def _shown(tried: Tried) -> dict[str, Any]:
    """The rows with nothing wrong as they were read, and the faults with their place."""
    columns, good = tried.prepared.columns, tried.good
    return {
        "wrong_columns": _WRONG,
        "wrong": [Row(cells=(tried.sheet.place(one), one.reason)) for one in tried.faults],
        "good": len(good),
        "good_columns": tuple(Column(label=column.heading) for column in columns),
        "good_rows": [
            Row(cells=tuple(str(row.values.get(column.id, "—")) for column in columns)) for row in good[:_PREVIEWED]
        ],
    }
