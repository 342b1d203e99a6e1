"""A consultation: its term, its departments, what they answered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime

from services.ranking.views.base import state_of
from shared.kernel.calendar import business_date
from shared.web.parts import Badge, Part, Term, Tone

_REPLIES = {
    "no_objection": Badge(text="无意见", tone=Tone.GOOD),
    "concern": Badge(text="有意见", tone=Tone.WARNING),
    "silence": Badge(text="期满未复，视为无意见", tone=Tone.NEUTRAL),
}
_RULINGS = {"keep": Badge(text="保留", tone=Tone.GOOD), "remove": Badge(text="移出", tone=Tone.BAD)}


_SCANS = {
    "none": Badge(text="未查毒", tone=Tone.NEUTRAL),
    "held": Badge(text="待查毒", tone=Tone.WARNING),
    "refused": Badge(text="查毒未通过，已移除", tone=Tone.BAD),
}


class ReplyLine(Part):
    """What a department answered; ``file`` is the SHA-256 of one that can be read, ``scan`` what is known of it."""

    department: str
    badge: Badge
    text: str | None
    file: str | None
    scan: Badge | None


class ConsultedLine(Part):
    """A case that departments are asked about."""

    case_id: str
    number: str
    name: str
    credit_code: str | None
    replies: tuple[ReplyLine, ...]
    ruling: Badge | None
    proposed: Badge | None
    proposed_ruling: str | None
    proposed_by: str | None
    ruling_reason: str | None
    concern: bool
    struck: bool


class ConsultationView(Part):
    """A consultation as its page shows it."""

    stage_id: str
    heading: str
    badge: Badge
    running: bool
    closes_at: AwareDatetime | None
    term: Term | None
    letters: tuple[tuple[str, str], ...]
    lines: tuple[ConsultedLine, ...]
    unanswered: int
    all_answered: bool


def consultation_view(shown: Mapping[str, Any], now: datetime) -> ConsultationView:
    """A consultation for its page."""
    closes_at = datetime.fromisoformat(shown["closes_at"]) if shown["closes_at"] else None
    running = shown["state"] == "open" and not shown["tallied"]
    supplement = f"（增补第{shown['supplement']}次）" if shown["supplement"] else ""
    lines = tuple(_consulted(one) for one in shown["entries"])
    return ConsultationView(
        stage_id=shown["stage_id"],
        heading=f"{shown['category']}{supplement}",
        badge=state_of(shown),
        running=running,
        closes_at=closes_at,
        term=_term(shown, closes_at, now) if closes_at else None,
        letters=tuple((one["department_id"], one["department"]) for one in shown["departments"]),
        lines=lines,
        unanswered=sum(not one.replies and not one.struck for one in lines),
        all_answered=all(len(one.replies) == len(shown["departments"]) for one in lines if not one.struck),
    )


def _term(shown: Mapping[str, Any], closes_at: datetime, now: datetime) -> Term:
    counted = tuple(date.fromisoformat(day) for day in shown["counted_days"])
    today = business_date(now)
    return Term(
        label="答复期限",
        ends_at=closes_at,
        working_days_left=sum(day >= today for day in counted) if now < closes_at else -1,
        counted=counted,
        today=today,
        provisional=shown["provisional"],
        rule="期满未回复视为无意见",
    )


def _reply(one: Mapping[str, Any]) -> ReplyLine:
    return ReplyLine(
        department=one["department"],
        badge=_REPLIES[one["reply"]],
        text=one["text"],
        file=one["file"] if one["file_scan"] in ("none", "clean") else None,
        scan=_SCANS.get(one["file_scan"] or ""),
    )


def _consulted(entry: Mapping[str, Any]) -> ConsultedLine:
    return ConsultedLine(
        case_id=entry["case_id"],
        number=entry["number"],
        name=entry["name"],
        credit_code=entry["credit_code"],
        replies=tuple(_reply(one) for one in entry["replies"]),
        ruling=_RULINGS.get(entry["ruling"] or ""),
        proposed=_RULINGS.get(entry["proposed_ruling"] or ""),
        proposed_ruling=entry["proposed_ruling"],
        proposed_by=entry["proposed_by"],
        ruling_reason=entry["ruling_reason"],
        concern=any(one["reply"] == "concern" for one in entry["replies"]),
        struck=entry["struck"] is not None,
    )
