"""The guidance committee: places, and who stands aside from which case."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.ranking.actions import members
from services.ranking.actions.members import Aside, Place, PlaceGivenUp
from services.ranking.store import members_of
from shared.infra.database import Tx
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/ranking", tags=["committee"])


@router.get("/members")
async def list_members(act: Act = acting("ranking.read")) -> list[dict[str, Any]]:
    """Places of the committee, by seat."""

    async def read(tx: Tx) -> list[dict[str, Any]]:
        return members.members_shown(await members_of(tx))

    return await act.read(read)


@router.post("/members")
async def take_place(body: Place, act: Act = acting("committee.join")) -> dict[str, Any]:
    """Say which seat is one's own, once."""
    return await act(lambda tx: members.take_place(tx, body))


@router.post("/members/release")
async def release_place(body: PlaceGivenUp, act: Act = acting("committee.manage")) -> dict[str, Any]:
    """Take a place back that was registered wrongly."""
    return await act(lambda tx: members.release_place(tx, body))


@router.post("/stages/{stage_id}/recusals")
async def stand_aside(stage_id: UUID, body: Aside, act: Act = acting("decision.recuse")) -> dict[str, Any]:
    """Stand aside from a case; the office names the seat."""
    return await act(lambda tx: members.stand_aside(tx, stage_id, body))


@router.post("/stages/{stage_id}/recusals/lift")
async def come_back(stage_id: UUID, body: Aside, act: Act = acting("committee.manage")) -> dict[str, Any]:
    """Lift a recusal that turned out wrong."""
    return await act(lambda tx: members.come_back(tx, stage_id, body))
