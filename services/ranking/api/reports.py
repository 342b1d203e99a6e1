"""The report tables of a performance evaluation: 总表, points by item, what was filed."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.ranking import reading
from shared.infra.workbooks import XLSX, workbook
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/ranking/reports", tags=["reports"])


@router.get("/{stage_id}/summary.json")
async def summary(stage_id: UUID, act: Act = acting("ranking.read")) -> dict[str, Any]:
    """The table 总表 as data."""
    return await act.read(lambda tx: reading.summary(tx, stage_id))


@router.get("/{stage_id}/tables.json")
async def tables(stage_id: UUID, act: Act = acting("report.read")) -> dict[str, Any]:
    """All tables as data; in a rehearsal marked as such."""
    found = await act.read(lambda tx: reading.tables(tx, stage_id))
    rehearsal = act.request.app.state.service.rehearsal
    return {"stage_id": stage_id, "rehearsal": rehearsal, "tables": [table.as_json() for table in found]}


@router.get("/{stage_id}/tables.xlsx", response_class=Response)
async def tables_xlsx(stage_id: UUID, act: Act = acting("report.read")) -> Response:
    """All tables as a workbook, a sheet a table."""
    found = await act.read(lambda tx: reading.tables(tx, stage_id))
    content = workbook(found, mark="（演练）" if act.request.app.state.service.rehearsal else "")
    headers = {"Content-Disposition": "attachment; filename=tables.xlsx"}
    return Response(content, media_type=XLSX, headers=headers)
