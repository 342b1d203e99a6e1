"""The rehearsal clock as JSON."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.office.console.actions import ask_clock
from shared.infra.database import Tx
from shared.infra.tables import Stack
from shared.web.act import Act, acting

router = APIRouter(prefix="/api/office/rehearsal", tags=["rehearsal"])


class MoveClock(BaseModel):
    """Where to move business time; later than now."""

    model_config = ConfigDict(extra="forbid")

    to: AwareDatetime


class ClockView(BaseModel):
    """Business time as office has it now, and the offset that was asked for or is in force."""

    rehearsal: bool
    business_now: datetime
    offset_seconds: int


@router.get("/clock")
async def clock(act: Act = acting("operations.read")) -> ClockView:
    """Business time as office has it."""

    async def read(tx: Tx) -> ClockView:
        stack = await tx.session.get_one(Stack, 1)
        return ClockView(rehearsal=tx.rehearsal, business_now=tx.now, offset_seconds=stack.offset_seconds)

    return await act.read(read)


@router.post("/clock")
async def move_clock(body: MoveClock, act: Act = acting("rehearsal.drive")) -> ClockView:
    """Move business time forward in every service; each follows when the fact arrives (its pulse shows when)."""

    async def do(tx: Tx) -> ClockView:
        offset = await ask_clock(tx, body.to)
        return ClockView(rehearsal=tx.rehearsal, business_now=tx.now, offset_seconds=offset)

    return await act(do)
