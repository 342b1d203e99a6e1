"""The agenda: stages that run and that ended, empty seats."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.ranking.views.base import KINDS, STRUCK, state_of
from shared.kernel.stages import over_at
from shared.web.formats import shanghai_datetime, short_term_end, term_end
from shared.web.parts import Badge, Column, Part, Row, Tone

_CAUSES = {"objection": "异议成立", "concern": "部门意见", **STRUCK}


class SeatView(Part):
    """An empty, proposed or filled seat."""

    category_id: str
    category: str
    state: str
    badge: Badge
    cause: str
    vacated_name: str | None
    proposed_name: str | None
    proposed_reason: str | None
    proposed_by: str | None
    stage_href: str | None
    candidates: tuple[tuple[str, str], ...]


class Agenda(Part):
    """What is to be decided, what was, and empty seats."""

    running: tuple[Row, ...]
    closed: tuple[Row, ...]
    seats: tuple[SeatView, ...]
    waits: tuple[str, ...]

    def expected_of(self, roles: Collection[str]) -> str | None:
        """What somebody with these roles is expected to do."""
        duties = (("co_chair", "研究决定并确认"), ("office", "完成评分、提出意见"))
        mine = [word for role, word in duties if role in roles]
        due = any(role in self.waits for role in roles)
        return mine[0] if due and mine else None


AGENDA_COLUMNS = (
    Column(label="项目"),
    Column(label="阶段"),
    Column(label="状态"),
    Column(label="期限"),
)


def agenda_of(stages: Sequence[Mapping[str, Any]], seats: Sequence[Mapping[str, Any]]) -> Agenda:
    """The agenda from the stages and seats."""
    names = {one["category_id"]: one for one in stages if one["kind"] == "decision"}
    return Agenda(
        running=tuple(_agenda_row(one) for one in stages if not one["closed_at"]),
        closed=tuple(_agenda_row(one) for one in stages if one["closed_at"]),
        seats=tuple(_seat(one, names.get(one["category_id"])) for one in seats),
        waits=tuple(one["waits_for"] for one in stages if one["waits_for"] and not one["closed_at"]),
    )


def _agenda_row(head: Mapping[str, Any]) -> Row:
    supplement = f"（增补第{head['supplement']}次）" if head["supplement"] else ""
    term = short_term_end(datetime.fromisoformat(head["closes_at"])) if head["closes_at"] else "—"
    if head["closed_at"]:
        term = _ended(head) + " 结束"
    return Row(
        cells=(head["category"], KINDS[head["kind"]] + supplement, state_of(head), term),
        href=f"/committee/stages/{head['stage_id']}",
    )


def _ended(head: Mapping[str, Any]) -> str:
    """When a stage was over: the last day of the term that ended it, or the minute in which it was closed."""
    closed_at = datetime.fromisoformat(head["closed_at"])
    over = over_at(head["kind"], datetime.fromisoformat(head["closes_at"]) if head["closes_at"] else None, closed_at)
    return shanghai_datetime(over) if over == closed_at else term_end(over)


def _seat(seat: Mapping[str, Any], stage: Mapping[str, Any] | None) -> SeatView:
    badges = {
        "open": Badge(text="空缺", tone=Tone.WARNING),
        "proposed": Badge(text="已提出，待另一位确认", tone=Tone.WORKING),
        "filled": Badge(text=f"已递补（增补第{seat['supplement']}次）", tone=Tone.GOOD),
    }
    return SeatView(
        category_id=seat["category_id"],
        category=stage["category"] if stage else "—",
        state=seat["state"],
        badge=badges[seat["state"]],
        cause=_CAUSES.get(seat["cause"], seat["cause"]),
        vacated_name=seat["vacated_name"],
        proposed_name=seat["proposed_name"],
        proposed_reason=seat["proposed_reason"],
        proposed_by=seat["proposed_by"],
        stage_href=f"/committee/stages/{stage['stage_id']}" if stage else None,
        candidates=tuple((one["case_id"], _candidate_words(one)) for one in seat["candidates"]),
    )


def _candidate_words(one: Mapping[str, Any]) -> str:
    following = "，按排序递补" if one["next"] else ""
    return f"第{one['rank']}名　{one['number']} {one['name']}{following}"
