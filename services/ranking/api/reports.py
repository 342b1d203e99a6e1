"""The report table 总表 of a performance evaluation."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.ranking import reading
from services.ranking.workbook import summary_workbook
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/ranking/reports", tags=["reports"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/{stage_id}/summary.json")
async def summary(stage_id: UUID, act: Act = acting("ranking.read")) -> dict[str, Any]:
    """The table as data."""
    return await act.read(lambda tx: reading.summary(tx, stage_id))


@router.get("/{stage_id}/summary.xlsx", response_class=Response)
async def summary_xlsx(stage_id: UUID, act: Act = acting("ranking.read")) -> Response:
    """The table as a workbook."""
    table = await act.read(lambda tx: reading.summary(tx, stage_id))
    content = summary_workbook(table, rehearsal=act.request.app.state.service.rehearsal)
    headers = {"Content-Disposition": "attachment; filename=summary.xlsx"}
    return Response(content, media_type=XLSX, headers=headers)
