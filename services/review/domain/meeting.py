"""The review meeting: who may have attended, and who may sign without having come."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from shared.kernel.refusals import Conflict, Refusal


def check_meeting(
    held_on: date, today: date, present: Collection[UUID], remote: Collection[UUID], seated: Collection[UUID]
) -> None:
    """Refuse a meeting that is still to come, and an attendance of strangers or of one person in two ways."""
    if held_on > today:
        raise Refusal("meeting_not_held", "会议日期不能晚于今天。", field="held_on")
    if set(present) & set(remote) or not {*present, *remote} <= set(seated):
        raise Refusal("attendance_wrong", "出席名单只能列本组成员，每人到场或远程择一。", field="present")


def check_presence(expert: UUID, present: Collection[str], *, remote_scoring: bool) -> None:
    """Refuse a signature of who did not come, where the rulebook does not let experts score from afar."""
    if not remote_scoring and str(expert) not in present:
        raise Conflict("not_at_meeting", "本次审查须到会赋分：办公室登记您到会后即可签署，草稿已为您保留。")
