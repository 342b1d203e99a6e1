"""我的案件: what has happened to a case, in order, and who has it in hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.submission.domain.cases import WORDS, CaseState


@dataclass(frozen=True)
class Event:
    """Something that happened, in words; ``article`` where it stands under one."""

    at: datetime
    text: str
    article: str | None = None


@dataclass(frozen=True)
class Course:
    """The rows of a case that say what happened; instants are None where it has not."""

    opened_at: datetime
    accepted_at: datetime | None = None
    number: str | None = None
    left_at: datetime | None = None
    left_as: str | None = None
    left_reason: str = ""
    left_article: str | None = None
    reinstated_at: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True)
class Mending:
    """A rectification: asked for, reminded of, and how it ended (``fulfilled``, ``lapsed`` or ``void``)."""

    asked_at: datetime
    article: str
    items: int
    reminded_at: datetime | None = None
    ended_at: datetime | None = None
    state: str = "open"


@dataclass(frozen=True)
class Decided:
    """A decision of screening."""

    at: datetime
    outcome: str
    article: str
    reason: str


@dataclass(frozen=True)
class Begun:
    """A stage of the category after the case was handed over."""

    at: datetime
    title: str
    article: str


_ENDED = {"fulfilled": "已提交整改材料", "void": "整改不再进行"}


def timeline(
    course: Course, mendings: Iterable[Mending], decisions: Iterable[Decided], stages: Iterable[Begun]
) -> tuple[Event, ...]:
    """Everything that has happened, oldest first; a lapse is told once, as the decision that it is."""
    events = [Event(course.opened_at, "开始填报")]
    if course.accepted_at is not None:
        events.append(Event(course.accepted_at, f"提交并受理，案号 {course.number}，已给出回执"))
    for one in mendings:
        events.append(Event(one.asked_at, f"要求限期整改，共 {one.items} 项", one.article))
        if one.reminded_at is not None:
            events.append(Event(one.reminded_at, "提醒整改即将到期", one.article))
        if one.ended_at is not None and one.state in _ENDED:
            events.append(Event(one.ended_at, _ENDED[one.state], one.article))
    for decided in decisions:
        said = f"：{decided.reason}" if decided.reason else ""
        events.append(Event(decided.at, f"{WORDS[CaseState(decided.outcome)]}{said}", decided.article))
    if course.left_at is not None and course.left_as is not None:
        said = f"：{course.left_reason}" if course.left_reason else ""
        events.append(Event(course.left_at, f"{WORDS[CaseState(course.left_as)]}{said}", course.left_article))
    if course.reinstated_at is not None:
        events.append(Event(course.reinstated_at, "恢复参评资格"))
    if course.released_at is not None:
        events.append(Event(course.released_at, "名单已发布"))
    events += [Event(stage.at, f"进入{stage.title}阶段", stage.article) for stage in stages]
    return tuple(sorted(events, key=lambda event: event.at))


_AT_WORK = {
    "panel_review": "审查委员会专家组",
    "event_ordering": "审查委员会",
    "public_vote": "公众",
    "consultation": "征询部门",
}


def in_hand(state: CaseState, running: str | None, decided_by: str | None) -> str | None:
    """Who has to act now; ``running`` is the kind of the stage that a case handed over is in."""
    if state in (CaseState.DRAFT, CaseState.RECTIFYING):
        return "贵企业"
    if state is CaseState.ACCEPTED:
        return "办公室"
    if state is not CaseState.PASSED or running is None:
        return None
    if running == "decision":
        return "指导委员会" if decided_by == "guidance_committee" else "办公室"
    return _AT_WORK.get(running, "办公室")
