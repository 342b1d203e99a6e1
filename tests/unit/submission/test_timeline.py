"""What has happened to a case, in order, and who has it in hand."""

from datetime import UTC, datetime, timedelta

import pytest

from services.submission.domain.cases import CaseState
from services.submission.domain.timeline import Begun, Course, Decided, Event, Mending, in_hand, timeline

START = datetime(2026, 1, 5, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def test_everything_is_told_in_order_with_its_article() -> None:
    course = Course(day(0), day(1), "NQ-2025-001")
    mending = Mending(day(2), "第十九条", 2, day(4), day(5), "fulfilled")

    told = timeline(
        course, [mending], [Decided(day(6), "passed", "第十九条", "")], [Begun(day(8), "专家审查", "第二十条")]
    )

    assert told == (
        Event(day(0), "开始填报"),
        Event(day(1), "提交并受理，案号 NQ-2025-001，已给出回执"),
        Event(day(2), "要求限期整改，共 2 项", "第十九条"),
        Event(day(4), "提醒整改即将到期", "第十九条"),
        Event(day(5), "已提交整改材料", "第十九条"),
        Event(day(6), "初审通过", "第十九条"),
        Event(day(8), "进入专家审查阶段", "第二十条"),
    )


def test_a_lapse_is_told_once_and_a_withdrawal_with_its_reason() -> None:
    lapsed = timeline(
        Course(day(0), day(1), "NQ-2025-001"),
        [Mending(day(2), "第十九条", 1, ended_at=day(5), state="lapsed")],
        [Decided(day(5), "lapsed", "第十九条", "逾期未整改")],
        [],
    )
    withdrawn = timeline(Course(day(0), left_at=day(1), left_as="withdrawn", left_reason="改报其他项目"), [], [], [])

    assert [event.text for event in lapsed][-1] == "逾期未整改：逾期未整改"
    assert len(lapsed) == 4
    assert withdrawn[-1] == Event(day(1), "已撤回：改报其他项目")


@pytest.mark.parametrize(
    ("state", "running", "decided_by", "who"),
    [
        (CaseState.DRAFT, "application_window", None, "贵企业"),
        (CaseState.ACCEPTED, "application_window", None, "办公室"),
        (CaseState.RECTIFYING, "screening", None, "贵企业"),
        (CaseState.PASSED, "panel_review", "guidance_committee", "审查委员会专家组"),
        (CaseState.PASSED, "decision", "guidance_committee", "指导委员会"),
        (CaseState.PASSED, "decision", "office", "办公室"),
        (CaseState.PASSED, "consultation", "guidance_committee", "征询部门"),
        (CaseState.PASSED, None, "office", None),
        (CaseState.LAPSED, "panel_review", "guidance_committee", None),
    ],
)
def test_a_case_says_who_has_it_in_hand(
    state: CaseState, running: str | None, decided_by: str | None, who: str | None
) -> None:
    assert in_hand(state, running, decided_by) == who
