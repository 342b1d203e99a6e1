"""The review meeting: who may have attended, and who may sign without having come."""

from datetime import date
from uuid import UUID

import pytest

from services.review.domain.meeting import check_meeting, check_presence
from shared.kernel.refusals import Conflict, Refusal

ANNE, BERT, CARL = UUID(int=1), UUID(int=2), UUID(int=3)
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("held_on", "present", "remote", "code"),
    [
        (date(2026, 3, 3), [ANNE], [], "meeting_not_held"),
        (TODAY, [ANNE], [ANNE], "attendance_wrong"),
        (TODAY, [CARL], [], "attendance_wrong"),
        (TODAY, [], [CARL], "attendance_wrong"),
    ],
)
def test_wrong_meeting_is_refused(held_on: date, present: list[UUID], remote: list[UUID], code: str) -> None:
    check_meeting(TODAY, TODAY, [ANNE], [BERT], [ANNE, BERT])

    with pytest.raises(Refusal) as refused:
        check_meeting(held_on, TODAY, present, remote, [ANNE, BERT])
    assert refused.value.code == code


def test_only_who_came_signs_where_the_rulebook_wants_presence() -> None:
    check_presence(BERT, [], remote_scoring=True)
    check_presence(ANNE, [str(ANNE)], remote_scoring=False)

    with pytest.raises(Conflict) as refused:
        check_presence(BERT, [str(ANNE)], remote_scoring=False)
    assert refused.value.code == "not_at_meeting"
