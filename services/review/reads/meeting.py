"""The review meeting as it is recorded."""

from uuid import UUID

from pydantic import BaseModel

from services.review import store
from services.review.actions.seats import is_ordering
from services.review.domain.panel import COUNTED, SEATED
from services.review.rulebooks import ordering_rules, panel_rules
from services.review.tables import Meeting
from shared.infra.database import Tx
from shared.infra.stages import stage_row


class Attendee(BaseModel):
    """A member and how they took part: ``present``, ``remote`` or ``absent``."""

    expert_id: UUID
    label: str
    how: str


class MeetingView(BaseModel):
    """Date and place, None before they are recorded; attendance of the seated members; whether there is a quorum."""

    held_on: str | None
    place: str | None
    attendees: list[Attendee]
    attended: int
    quorum: int
    has_quorum: bool
    remote_scoring: bool


async def meeting_view(tx: Tx, stage_id: UUID) -> MeetingView:
    """The meeting of a panel."""
    stage = await stage_row(tx, stage_id)
    row = await tx.session.get(Meeting, stage_id)
    present, remote = (set(row.present), set(row.remote)) if row else (set(), set())
    attendees = [
        Attendee(
            expert_id=one.expert_id,
            label=one.label,
            how="present" if str(one.expert_id) in present else "remote" if str(one.expert_id) in remote else "absent",
        )
        for one in await store.members(tx, stage_id)
        if one.state in SEATED | COUNTED
    ]
    attended = sum(one.how != "absent" for one in attendees)
    quorum = ordering_rules(stage).quorum if is_ordering(stage) else panel_rules(stage).quorum
    return MeetingView(
        held_on=row.held_on if row else None,
        place=row.place if row else None,
        attendees=attendees,
        attended=attended,
        quorum=quorum,
        has_quorum=attended >= quorum,
        remote_scoring=is_ordering(stage) or panel_rules(stage).remote_scoring,
    )
