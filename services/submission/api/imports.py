"""Imports by programs: hand a filled template in, see every fault, take it over whole."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.submission.imports.kinds import KINDS
from shared.infra.database import Tx
from shared.infra.tables import ImportFile
from shared.infra.workbooks import XLSX
from shared.web.act import Act, acting
from shared.web.importing.acts import Tried, commit_import, import_of, try_import, upload_import

router = APIRouter(prefix="/api/submission/imports", tags=["imports"])
_BODY = {"requestBody": {"required": True, "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}}


class FaultView(BaseModel):
    """Something wrong: sheet and cell, row, reason."""

    place: str
    row: int
    reason: str


class ImportView(BaseModel):
    """An import: how many rows it has (or had), what is wrong with which, when it was taken over."""

    import_id: UUID
    kind: str
    stage_id: UUID
    name: str
    digest: str
    rows: int
    faults: list[FaultView]
    committed_at: datetime | None


async def _view(tx: Tx, file: ImportFile) -> ImportView:
    tried: Tried | None = await try_import(tx, KINDS, file.import_id) if file.committed_at is None else None
    faults = tried.faults if tried else ()
    return ImportView(
        **file.model_dump(include={"import_id", "kind", "name", "digest", "committed_at"}),
        stage_id=file.place,
        rows=len(tried.sheet.rows) if tried else file.rows,
        faults=[FaultView(place=tried.sheet.place(one), row=one.row, reason=one.reason) for one in faults]
        if tried
        else [],
    )


@router.post("/{import_id}/commit")
async def commit(import_id: UUID, act: Act = acting("import.make")) -> ImportView:
    """Take it over whole; a repeat changes nothing."""

    async def do(tx: Tx) -> ImportView:
        return await _view(tx, await commit_import(tx, KINDS, import_id))

    return await act(do)


@router.post("/{kind}/{stage_id}", status_code=201, openapi_extra=_BODY)
async def upload(
    request: Request,
    kind: str,
    stage_id: UUID,
    name: str = Query("导入.xlsx", max_length=200),
    act: Act = acting("import.make"),
) -> ImportView:
    """Hand in a filled template (the body); nothing is taken over yet."""
    content = await request.body()

    async def do(tx: Tx) -> ImportView:
        file = await upload_import(tx, KINDS, kind, stage_id, name, content)
        await tx.session.flush()
        return await _view(tx, file)

    return await act(do)


@router.get("/{import_id}")
async def seen(import_id: UUID, act: Act = acting("import.make")) -> ImportView:
    """How it would end now, or how it ended."""

    async def do(tx: Tx) -> ImportView:
        return await _view(tx, await import_of(tx, KINDS, import_id))

    return await act.read(do)
