"""The review meeting of a panel: date, place, attendance."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.review.actions import meeting
from services.review.api.base import Body, answer_as
from services.review.reads import meeting as views
from shared.web.act import Act, acting

router = APIRouter()


class MeetingBody(Body):
    """When and where, and which members came or took part remotely."""

    held_on: date
    place: Annotated[str, Field(min_length=1, max_length=200)]
    present: Annotated[list[UUID], Field(max_length=200)]
    remote: Annotated[list[UUID], Field(max_length=200, default_factory=list)]


class MeetingRecorded(BaseModel):
    """How many attended."""

    stage_id: UUID
    attended: int


@router.get("/stages/{stage_id}/meeting")
async def held(stage_id: UUID, act: Act = acting("panel.read")) -> views.MeetingView:
    """The meeting as it is recorded, and whether it had its quorum."""
    return await act.read(lambda tx: views.meeting_view(tx, stage_id))


@router.put("/stages/{stage_id}/meeting")
async def record(stage_id: UUID, body: MeetingBody, act: Act = acting("meeting.record")) -> MeetingRecorded:
    """Record the meeting."""
    return await answer_as(MeetingRecorded, act, lambda tx: meeting.record_meeting(tx, stage_id, **body.model_dump()))
