"""What ranking's pages draw, decided before the template sees it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from pydantic import AwareDatetime

from shared.infra.database import Actor
from shared.kernel.calendar import business_date
from shared.web.formats import shanghai_datetime, short_term_end
from shared.web.parts import Badge, Column, Part, Row, Term, Tone

KINDS = {"evaluation": "绩效评分", "decision": "研究决定", "consultation": "意见征询"}
_WAITS = {"office": "等待办公室", "co_chair": "等待指导委员会主任", "department": "等待部门答复"}
_STATES = {"open": "进行中", "paused": "已暂停", "closed": "已结束", "cancelled": "已终止"}
_STRUCK = {"withdrawn": "已退出", "disqualified": "已取消资格", "fallen": "已不在列"}
_CAUSES = {"objection": "异议成立", "concern": "部门意见", **_STRUCK}
_DEPARTURES = {"passed_over": "未按排序：被越过", "preferred": "未按排序：提前", "among_equals": "同分取舍"}
_REPLIES = {
    "no_objection": Badge(text="无意见", tone=Tone.GOOD),
    "concern": Badge(text="有意见", tone=Tone.WARNING),
    "silence": Badge(text="期满未复，视为无意见", tone=Tone.NEUTRAL),
}
_RULINGS = {"keep": Badge(text="保留", tone=Tone.GOOD), "remove": Badge(text="移出", tone=Tone.BAD)}


def state_of(head: Mapping[str, Any]) -> Badge:
    """A stage's state in a word; who is waited for comes first."""
    if head["stuck"]:
        return Badge(text="待处理", tone=Tone.BAD)
    if head["state"] == "open" and head["waits_for"]:
        return Badge(text=_WAITS.get(head["waits_for"], "等待办理"), tone=Tone.WORKING)
    tone = {"open": Tone.WORKING, "closed": Tone.GOOD, "paused": Tone.WARNING}.get(head["state"], Tone.NEUTRAL)
    return Badge(text=_STATES[head["state"]], tone=tone)


class SeatView(Part):
    """An empty, proposed or filled seat."""

    category_id: str
    category: str
    state: str
    badge: Badge
    cause: str
    proposed_reason: str | None
    proposed_by: str | None
    stage_href: str | None


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
        term = shanghai_datetime(datetime.fromisoformat(head["closed_at"])) + " 结束"
    return Row(
        cells=(head["category"], KINDS[head["kind"]] + supplement, state_of(head), term),
        href=f"/committee/stages/{head['stage_id']}",
    )


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
        proposed_reason=seat["proposed_reason"],
        proposed_by=seat["proposed_by"],
        stage_href=f"/committee/stages/{stage['stage_id']}" if stage else None,
    )


class RankLine(Part):
    """A line of the ranking table."""

    case_id: str
    number: str
    name: str
    href: str
    division: str | None
    rank: str
    score: str
    marks: tuple[Badge, ...]
    outcome: Badge | None
    reason: str | None
    open: bool
    suggested: str
    line_after: bool
    struck: bool


class StageView(Part):
    """A decision stage as its page shows it."""

    title: str
    place: dict[str, Any]
    badge: Badge
    lines: tuple[RankLine, ...]
    quota_words: str
    undecided: int
    shortlisted: int
    recommends: bool
    digest: str | None
    confirmed_by: tuple[str, ...]
    today: date

    def expected_of(self, actor: Actor) -> str | None:
        """What is expected of this person."""
        if self.recommends or self.digest is None:
            return None
        if self.undecided:
            return f"还有{self.undecided}案待决定"
        if "co_chair" in actor.roles and str(actor.account_id) not in self.confirmed_by:
            return "核对名单与理由，确认决定"
        return None


def stage_view(shown: Mapping[str, Any]) -> StageView:
    """A decision stage for its page."""
    confirm = shown["to_confirm"] or {}
    open_now = shown["state"] == "open" and not shown["completed"]
    return StageView(
        title=shown["title"],
        place={"programme": shown["programme"], "category": shown["category"]},
        badge=state_of(shown),
        lines=tuple(_rank_lines(shown, open_now)),
        quota_words=_quota_words(shown),
        undecided=len(confirm.get("undecided", ())),
        shortlisted=confirm.get("shortlisted", 0),
        recommends=shown["decides"] == "recommendation",
        digest=confirm.get("digest") if open_now else None,
        confirmed_by=tuple(confirm.get("confirmed_by", ())),
        today=business_date(datetime.fromisoformat(shown["opens_at"])),
    )


def _outcome(row: Mapping[str, Any]) -> Badge | None:
    if row["decision"] is None:
        return None
    return Badge(text=row["decision_label"], tone=Tone.GOOD if row["favourable"] else Tone.NEUTRAL)


def _quota_words(shown: Mapping[str, Any]) -> str:
    if shown["quota"] is None:
        return f"不设名额（{shown['quota_article']}）"
    names = shown["class_names"]
    shares = "、".join(f"{names[key]} {count}" for key, count in shown["shares"].items())
    return f"名额 {shown['quota']}" + (f"，原则上 {shares}" if shares else "") + f"（{shown['quota_article']}）"


def _rank_lines(shown: Mapping[str, Any], open_now: bool) -> list[RankLine]:
    rows = shown["ranking"]
    return [_rank_line(shown, row, following, open_now) for row, following in zip_longest(rows, rows[1:])]


def _rank_line(
    shown: Mapping[str, Any], row: Mapping[str, Any], following: Mapping[str, Any] | None, open_now: bool
) -> RankLine:
    ranked = row["line"] is not None
    return RankLine(
        case_id=row["case_id"],
        number=row["number"],
        name=row["name"],
        href=f"/committee/stages/{shown['stage_id']}/cases/{row['case_id']}",
        division=row["class_name"],
        rank=str(row["rank"]) if row["rank"] else "—",
        score=row["score"] or "—",
        marks=tuple(_marks(row)),
        outcome=_outcome(row),
        reason=row["reason"],
        open=open_now and ranked and row["decision"] is None,
        suggested="shortlisted" if row["line"] == "above" else "not_shortlisted" if row["line"] == "below" else "",
        line_after=row["line"] in ("above", "on") and (following is None or following["line"] not in ("above", "on")),
        struck=row["struck"] is not None,
    )


def _marks(row: Mapping[str, Any]) -> list[Badge]:
    marks = []
    if row["tie"] and row["line"] == "on":
        marks.append(Badge(text="同分跨线，由委员会决定", tone=Tone.WARNING))
    elif row["tie"]:
        marks.append(Badge(text="同分", tone=Tone.NEUTRAL))
    if row["vetoed"]:
        marks.append(Badge(text="一票否决", tone=Tone.BAD))
    if row["struck"]:
        marks.append(Badge(text=_STRUCK.get(row["struck"], "已不在列"), tone=Tone.BAD))
    if row["departure"] in _DEPARTURES:
        marks.append(Badge(text=_DEPARTURES[row["departure"]], tone=Tone.WARNING))
    return marks


class ItemLine(Part):
    """An item of a scored case."""

    item: str
    name: str
    group: str
    points: str
    words: str
    readings: tuple[str, ...]
    open: bool
    by_hand: str | None


class CaseLine(Part):
    """A scored case."""

    case_id: str
    number: str
    name: str
    total: str
    struck: bool
    items: tuple[ItemLine, ...]
    open_items: tuple[ItemLine, ...]
    deductions: tuple[ItemLine, ...]


class EvaluationView(Part):
    """An evaluation as its page shows it."""

    place: dict[str, Any]
    badge: Badge
    cases: tuple[CaseLine, ...]
    open_items: int
    completed: bool

    @property
    def expected(self) -> str | None:
        """What is expected of the office."""
        if self.completed:
            return None
        return f"还有{self.open_items}项待人工认定" if self.open_items else "核对得分，结束评分"


def evaluation_view(shown: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> EvaluationView:
    """An evaluation for its page."""
    cases = tuple(_case_line(one) for one in results)
    return EvaluationView(
        place={"programme": shown["programme"], "category": shown["category"]},
        badge=state_of(shown),
        cases=cases,
        open_items=sum(len(one.open_items) for one in cases if not one.struck),
        completed=bool(shown["completed"]),
    )


def _case_line(result: Mapping[str, Any]) -> CaseLine:
    reasons = {one["item"]: one["reason"] for one in result["by_hand"]}
    items = tuple(
        ItemLine(
            item=item,
            name=said["item_name"],
            group=said["group_name"],
            points=said["points"],
            words=said["words"],
            readings=tuple(said["readings"]),
            open=item in result["open_items"],
            by_hand=reasons.get(item),
        )
        for item, said in result["explanations"].items()
    )
    return CaseLine(
        case_id=result["case_id"],
        number=result["number"],
        name=result["name"],
        total=result["total"],
        struck=result["struck"] is not None,
        items=items,
        open_items=tuple(one for one in items if one.open),
        deductions=tuple(one for one in items if result["explanations"][one.item]["rule"] == "deduction"),
    )


class ConsultedLine(Part):
    """A case that departments are asked about."""

    case_id: str
    number: str
    name: str
    credit_code: str | None
    replies: tuple[tuple[str, Badge, str | None], ...]
    ruling: Badge | None
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
    departments: tuple[str, ...]
    lines: tuple[ConsultedLine, ...]
    unanswered: int


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
        departments=tuple(one["department"] for one in shown["departments"]),
        lines=lines,
        unanswered=sum(not one.replies and not one.struck for one in lines),
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


def _consulted(entry: Mapping[str, Any]) -> ConsultedLine:
    return ConsultedLine(
        case_id=entry["case_id"],
        number=entry["number"],
        name=entry["name"],
        credit_code=entry["credit_code"],
        replies=tuple((one["department"], _REPLIES[one["reply"]], one["text"]) for one in entry["replies"]),
        ruling=_RULINGS.get(entry["ruling"] or ""),
        concern=any(one["reply"] == "concern" for one in entry["replies"]),
        struck=entry["struck"] is not None,
    )
