"""A decision: its ranking, what is decided and who has confirmed."""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from services.ranking.domain.histograms import of_json
from services.ranking.views.base import STRUCK, state_of
from services.ranking.views.charts import Chart, distribution
from shared.infra.database import Actor
from shared.kernel.calendar import business_date
from shared.web.parts import Badge, Part, Tone

_DEPARTURES = {"passed_over": "未按排序：被越过", "preferred": "未按排序：提前", "among_equals": "同分取舍"}


class RankLine(Part):
    """A line of the ranking table."""

    case_id: str
    number: str
    name: str
    href: str | None
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
    examined: bool
    open: bool
    digest: str | None
    act: str | None
    confirmed_by: tuple[str, ...]
    stand_in: tuple[str, ...]
    problem: str | None
    confirms: bool
    today: date
    attendance: str
    options: tuple[tuple[str, str], ...]
    seats: tuple[tuple[str, str], ...]
    charts: tuple[Chart, ...]

    @property
    def cases(self) -> tuple[tuple[str, str], ...]:
        """Every entry of the page as an option of a form."""
        return tuple((line.case_id, f"{line.number} {line.name}") for line in self.lines)

    @property
    def decided(self) -> tuple[tuple[str, str], ...]:
        """Entries of the page whose decision can be taken back."""
        return tuple((line.case_id, f"{line.number} {line.name}") for line in self.lines if line.outcome)

    def expected_of(self, actor: Actor) -> str | None:
        """What is expected of this person."""
        if not self.open or (self.recommends and "office" not in actor.roles):
            return None
        if self.undecided:
            return f"还有{self.undecided}案待{'提出结论' if self.recommends else '决定'}"
        if self.recommends:
            return "经双人复核后确认结论"
        return "核对名单与理由，确认决定" if self.confirms else None


def stage_view(shown: Mapping[str, Any], actor: Actor) -> StageView:
    """A decision stage for its page."""
    confirm = shown["to_confirm"] or {}
    open_now = shown["state"] == "open" and not shown["completed"]
    return StageView(
        title=shown["title"],
        place={"programme": shown["programme"], "category": shown["category"]},
        badge=state_of(shown),
        lines=tuple(_rank_lines(shown, open_now)),
        quota_words=quota_words(shown),
        undecided=confirm.get("undecided_count", 0),
        shortlisted=confirm.get("shortlisted", 0),
        recommends=shown["decides"] == "recommendation",
        examined=shown["examined"],
        open=open_now and bool(confirm),
        digest=confirm.get("digest") if open_now else None,
        act=confirm.get("act"),
        confirmed_by=tuple(confirm.get("confirmed_by", ())),
        stand_in=tuple(confirm.get("stand_in", ())),
        problem=confirm.get("problem"),
        confirms=open_now and _confirms(confirm, actor),
        attendance="\n".join(f"{one['role']} {one['seat']}" for one in (shown["meeting"] or {}).get("attendance", ())),
        options=_options(shown),
        seats=tuple((seat, seat) for seat in shown["seats"]),
        today=business_date(datetime.fromisoformat(shown["opens_at"])),
        charts=tuple(_chart(shown, one) for one in shown["distribution"]),
    )


def _chart(shown: Mapping[str, Any], found: Mapping[str, Any]) -> Chart:
    name = shown["class_names"].get(found["class"] or "")
    return distribution(of_json(found), f"得分分布（{name}）" if name else "得分分布")


def _confirms(confirm: Mapping[str, Any], actor: Actor) -> bool:
    """Whether this person's confirmation is waited for: a co-chair's, or that of a member in the place of one."""
    asked = "co_chair" in actor.roles or ("guidance" in actor.roles and bool(confirm.get("stand_in")))
    return asked and str(actor.account_id) not in confirm.get("confirmed_by", ())


def _options(shown: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What may be decided of an entry."""
    if shown["decides"] == "recommendation":
        return tuple((one["id"], one["label"]) for one in shown["outcomes"])
    return (("shortlisted", "入围"), ("not_shortlisted", "不入围"))


def _outcome(row: Mapping[str, Any]) -> Badge | None:
    if row["decision"] is None:
        return None
    return Badge(text=row["decision_label"], tone=Tone.GOOD if row["favourable"] else Tone.NEUTRAL)


def quota_words(shown: Mapping[str, Any]) -> str:
    """How many may be chosen, and how the classes share it."""
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
    stands = row["line"] is not None or (shown["decides"] == "recommendation" and row["struck"] is None)
    return RankLine(
        case_id=row["case_id"],
        number=row["number"],
        name=row["name"],
        href=f"/committee/stages/{shown['stage_id']}/cases/{row['case_id']}" if row["mean"] else None,
        division=row["class_name"],
        rank=str(row["rank"]) if row["rank"] else "—",
        score=row["score"] or "—",
        marks=tuple(_marks(row)),
        outcome=_outcome(row),
        reason=row["reason"],
        open=open_now and stands and row["decision"] is None,
        suggested=_suggested(shown, row),
        line_after=row["line"] in ("above", "on") and not _goes_on(shown, following),
        struck=row["struck"] is not None,
    )


def _goes_on(shown: Mapping[str, Any], following: Mapping[str, Any] | None) -> bool:
    """Whether entries within the line follow, on this page or perhaps on the next one."""
    if following is None:
        return bool(shown["page"] < shown["pages"])
    return following["line"] in ("above", "on")


def _suggested(shown: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """What the rank order says of an entry; nothing of one on the line, and nothing where outcomes are recorded."""
    if shown["decides"] == "recommendation":
        return ""
    return {"above": "shortlisted", "below": "not_shortlisted"}.get(row["line"] or "", "")


def _marks(row: Mapping[str, Any]) -> list[Badge]:
    marks = []
    if row["tie"] and row["line"] == "on":
        marks.append(Badge(text="同分跨线，由委员会决定", tone=Tone.WARNING))
    elif row["tie"]:
        marks.append(Badge(text="同分", tone=Tone.NEUTRAL))
    if row["vetoed"]:
        marks.append(Badge(text="一票否决", tone=Tone.BAD))
    if row["struck"]:
        marks.append(Badge(text=STRUCK.get(row["struck"], "已不在列"), tone=Tone.BAD))
    if row["departure"] in _DEPARTURES:
        marks.append(Badge(text=_DEPARTURES[row["departure"]], tone=Tone.WARNING))
    return marks
