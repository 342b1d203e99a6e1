"""Work of absent people handed over, as JSON."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from services.office.accounts.actions import handovers
from services.office.accounts.api.base import Reason
from services.office.accounts.reads import handovers_to_see
from services.office.accounts.tables import Handover
from shared.infra.database import Tx
from shared.web.act import Act, acting

router = APIRouter(prefix="/handovers")


class HandoverBody(Reason):
    """Whose work goes to whom, until when, and why."""

    from_account: UUID
    to_account: UUID
    ends_at: AwareDatetime


class HandoverAnswer(BaseModel):
    """A hand-over that has not ended."""

    handover_id: UUID
    from_account: UUID
    to_account: UUID
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    reason: str


def handover_answer(row: Handover) -> HandoverAnswer:
    """A hand-over as its people see it."""
    return HandoverAnswer.model_validate(row, from_attributes=True)


@router.post("", status_code=HTTPStatus.CREATED)
async def hand_over(body: HandoverBody, act: Act = acting("work.hand_over")) -> HandoverAnswer:
    """Hand over one's own work, or as security administrator anybody's."""

    async def do(tx: Tx) -> HandoverAnswer:
        row = await handovers.hand_over(tx, body.from_account, body.to_account, body.ends_at, body.reason)
        return handover_answer(row)

    return await act(do)


@router.get("")
async def listed(act: Act = acting("work.hand_over")) -> Sequence[HandoverAnswer]:
    """Hand-overs from or to oneself; all for the security administrator."""

    async def read(tx: Tx) -> list[HandoverAnswer]:
        return [handover_answer(row) for row in await handovers_to_see(tx)]

    return await act.read(read)


@router.post("/{handover_id}/end")
async def end(handover_id: UUID, act: Act = acting("work.hand_over")) -> HandoverAnswer:
    """Take the work back."""

    async def do(tx: Tx) -> HandoverAnswer:
        return handover_answer(await handovers.take_back(tx, handover_id))

    return await act(do)
