"""How firmly a ranking stands, as two pictures and a table: where the scores lie, and who is how often inside."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from services.ranking.domain.histograms import histogram
from services.ranking.views.charts import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, Chart, at, bar, distribution, two
from shared.web.parts import Badge, Part, Tone

AROUND = 12


class ShareLine(Part):
    """An entry in the table beneath the pictures."""

    rank: str
    number: str
    name: str
    score: str
    share: str
    badge: Badge
    swayed: str


class ClassStability(Part):
    """One class with its line."""

    name: str | None
    badge: Badge
    why: tuple[str, ...]
    charts: tuple[Chart, ...]
    lines: tuple[ShareLine, ...]


class StabilityView(Part):
    """The whole page."""

    classes: tuple[ClassStability, ...]
    runs: int
    seed: str


def stability_view(found: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> StabilityView:
    """The page of a ranking. ``rows``: its entries as they are shown, in rank order."""
    inside = {case: Fraction(share) for case, share in found["inside"].items()}
    ranked = [row for row in rows if row["case_id"] in inside]
    return StabilityView(
        classes=tuple(
            _class(line, [row for row in ranked if row["class"] == line["class"]], inside, found["left_out"])
            for line in found["lines"]
        ),
        runs=found["runs"],
        seed=found["seed"],
    )


def _class(
    line: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    inside: Mapping[str, Fraction],
    left_out: Sequence[Mapping[str, Any]],
) -> ClassStability:
    sharp = line["verdict"] == "sharp"
    return ClassStability(
        name=rows[0]["class_name"] if rows else None,
        badge=Badge(text="名额线清楚", tone=Tone.GOOD) if sharp else Badge(text="名额线模糊", tone=Tone.WARNING),
        why=tuple(_reasons(line)),
        charts=tuple(chart for chart in (_histogram(rows), _shares(rows, inside)) if chart),
        lines=tuple(_share_line(row, inside[row["case_id"]], left_out) for row in rows),
    )


def _reasons(line: Mapping[str, Any]) -> list[str]:
    said = []
    if line["gap"] is not None:
        said.append(f"线内最后一名与线外第一名相差 {two(Fraction(line['gap']))} 分。")
    if line["contested"]:
        said.append(f"有 {len(line['contested'])} 案在重抽专家时入围比例介于 10% 与 90% 之间。")
    if line["swayed_by"]:
        any_of = "中任何一人" if len(line["swayed_by"]) > 1 else ""
        said.append(f"去掉{'、'.join(line['swayed_by'])}{any_of}的评分，线内名单就会变化。")
    if line["verdict"] == "sharp":
        said.append("去掉任何一名专家，线内名单都不变；重抽专家时，线内各案入围比例都在 90% 以上。")
    return said


def _mean(row: Mapping[str, Any]) -> Fraction:
    return Fraction(int(row["mean"][0]), int(row["mean"][1]))


def _histogram(rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    """How many cases have which score."""
    found = histogram(None, [(_mean(row), row["line"] != "below") for row in rows])
    return None if found is None else distribution(found, "得分分布")


def _shares(rows: Sequence[Mapping[str, Any]], inside: Mapping[str, Fraction]) -> Chart | None:
    """How often each of the entries around the line is inside, best first."""
    within = sum(row["line"] in ("above", "on") for row in rows)
    first = max(0, within - AROUND)
    near = rows[first : within + AROUND]
    if not near:
        return None
    width, full = Fraction(WIDTH - LEFT, len(near)), HEIGHT - BOTTOM - TOP
    bars = [
        bar(
            LEFT + width * place + 1,
            HEIGHT - BOTTOM - full * inside[row["case_id"]],
            width - 2,
            full * inside[row["case_id"]],
            row["line"] in ("above", "on"),
            f"第{row['rank']}名 {row['number']} {row['name']}：{percent(inside[row['case_id']])}",
        )
        for place, row in enumerate(near)
    ]
    return Chart(
        heading="重抽专家时的入围比例",
        said=f"名额线前后各 {AROUND} 案，按名次排列；虚线右侧为线外。",
        bars=tuple(bars),
        line=at(LEFT + width * (within - first)) if within < len(rows) else None,
        first=f"第{near[0]['rank']}名",
        last=f"第{near[-1]['rank']}名",
        top="100%",
        bottom="0",
    )


def _share_line(row: Mapping[str, Any], share: Fraction, left_out: Sequence[Mapping[str, Any]]) -> ShareLine:
    enters = [one["expert"] for one in left_out if row["case_id"] in one["enters"]]
    leaves = [one["expert"] for one in left_out if row["case_id"] in one["leaves"]]
    said = [f"去掉{expert}后进入" for expert in enters] + [f"去掉{expert}后退出" for expert in leaves]
    return ShareLine(
        rank=str(row["rank"]),
        number=row["number"],
        name=row["name"],
        score=row["score"],
        share=percent(share),
        badge=_standing(row, share),
        swayed="、".join(said),
    )


def _standing(row: Mapping[str, Any], share: Fraction) -> Badge:
    if Fraction(1, 10) < share < Fraction(9, 10):
        return Badge(text="不稳", tone=Tone.WARNING)
    within = row["line"] in ("above", "on")
    return Badge(text="线内", tone=Tone.GOOD) if within else Badge(text="线外", tone=Tone.NEUTRAL)


def percent(share: Fraction) -> str:
    """A share for the eye; neither a rare nor an almost sure case is rounded away."""
    if 0 < share < Fraction(1, 100):
        return "不足 1%"
    if Fraction(99, 100) < share < 1:
        return "99% 以上"
    return f"{(Decimal((share * 100).numerator) / (share * 100).denominator).quantize(Decimal(1), ROUND_HALF_UP)}%"
