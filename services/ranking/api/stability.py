"""How firmly a ranking stands, and sheets that stand out."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.ranking import reading
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/ranking/stages", tags=["stability"])


@router.get("/{stage_id}/stability")
async def stability(stage_id: UUID, act: Act = acting("stability.read")) -> dict[str, Any]:
    """One expert left out, experts drawn anew, where the line falls; exact fractions as texts."""
    return await act.read(lambda tx: reading.stability_shown(tx, stage_id))


@router.get("/{stage_id}/sheets")
async def sheets(stage_id: UUID, act: Act = acting("sheet.examine")) -> dict[str, Any] | None:
    """Sheets far from the others of their case, and sheets signed in a hurry."""
    return await act.read(lambda tx: reading.sheets_shown(tx, stage_id))
