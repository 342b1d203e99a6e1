"""Seats that fell empty, and who fills them."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from services.ranking import reading
from services.ranking.actions import seats
from services.ranking.actions.seats import Filling
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/ranking/seats", tags=["seats"])


@router.get("")
async def list_seats(act: Act = acting("ranking.read")) -> list[dict[str, Any]]:
    """Empty, proposed and filled seats."""
    return await act.read(reading.seats_listed)


@router.post("/{category_id}/fill")
async def propose(category_id: UUID, body: Filling, act: Act = acting("seat.fill")) -> dict[str, Any]:
    """One co-chair proposes who fills the oldest empty seat."""
    return await act(lambda tx: seats.propose(tx, category_id, body))


@router.post("/{category_id}/withdraw")
async def withdraw(category_id: UUID, act: Act = acting("seat.fill")) -> dict[str, Any]:
    """Take a proposal back before it is confirmed."""
    return await act(lambda tx: seats.withdraw_proposal(tx, category_id))


@router.post("/{category_id}/confirm")
async def confirm(category_id: UUID, act: Act = acting("seat.fill")) -> dict[str, Any]:
    """The other co-chair confirms; consultation and a notice of its own follow."""
    return await act(lambda tx: seats.confirm_filling(tx, category_id))
