"""The review meeting: date, place and attendance as the office records them; where the rulebook wants presence, only
who came signs."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.seats import is_ordering, require_running
from services.review.domain.meeting import check_meeting, check_presence
from services.review.domain.panel import PanelState, require_state
from services.review.rulebooks import panel_rules
from services.review.tables import Meeting, PanelMember
from shared.infra.database import Tx
from shared.infra.stages import stage_place
from shared.infra.tables import Stage
from shared.kernel.calendar import business_date

_STAFFED = (PanelState.UNDERTAKING, PanelState.SCORING, PanelState.SHORT, PanelState.SEALED)


async def record_meeting(
    tx: Tx, stage_id: UUID, held_on: date, place: str, present: Collection[UUID], remote: Collection[UUID]
) -> dict[str, Any]:
    """Record the meeting, or record it anew; both versions stay in the audit."""
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), *_STAFFED)
    seated = [member.expert_id for member in await store.members(tx, stage_id)]
    check_meeting(held_on, business_date(tx.now), present, remote, seated)
    row = Meeting(
        stage_id=stage_id,
        held_on=held_on.isoformat(),
        place=place,
        present=sorted(str(one) for one in present),
        remote=sorted(str(one) for one in remote),
        recorded_by=tx.actor.account_id,
        recorded_at=tx.now,
    )
    await tx.session.merge(row)
    kept = {"held_on": row.held_on, "place": place, "present": row.present, "remote": row.remote}
    await tx.audit("meeting.recorded", **stage_place(stage), meeting=kept)
    return {"stage_id": stage_id, "attended": len(present) + len(remote)}


async def require_presence(tx: Tx, stage: Stage, member: PanelMember) -> None:
    """Refuse a signature of who was not at the meeting, where the rulebook does not let experts score from afar."""
    if is_ordering(stage) or panel_rules(stage).remote_scoring:
        return
    meeting = await tx.session.get(Meeting, stage.stage_id)
    check_presence(member.expert_id, meeting.present if meeting else (), remote_scoring=False)
