"""The balance view: how the list spreads, why entries near the line are in or out, what was asked to be proposed."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.ranking.domain.balance import (
    ATTRIBUTES,
    Beside,
    Entry,
    Exchange,
    Share,
    beside_the_line,
    exchanges,
    shares,
)
from shared.web.parts import Badge, Part, Tone

NAMES = {"industry": "产业", "district": "区市", "ownership": "所有制"}


class ShareRow(Part):
    """One value of an attribute; its parts of all ranked and of the list are whole percents, to be drawn."""

    value: str
    ranked: int
    chosen: int
    share: str
    ranked_part: int
    chosen_part: int
    mean: str


class Spread(Part):
    """One attribute."""

    name: str
    rows: tuple[ShareRow, ...]


class NearRow(Part):
    """An entry near the line, in sentences."""

    rank: str
    number: str
    name: str
    badge: Badge
    why: str
    change: str


class ProposalRow(Part):
    """An exchange that was asked for."""

    words: str
    cost: str


class BalanceView(Part):
    """The page."""

    chosen: int
    decided: bool
    classes: tuple[tuple[str, int, int], ...]
    spreads: tuple[Spread, ...]
    near: tuple[NearRow, ...]
    proposals: tuple[ProposalRow, ...] | None


def balance_view(shown: Mapping[str, Any], stability: Mapping[str, Any] | None, *, propose: bool) -> BalanceView:
    """The balance of a decision as its reader sees it. ``stability``: the kept examination, where there is one."""
    rows = {UUID(row["case_id"]): row for row in shown["ranking"] if row["line"] is not None and row["mean"]}
    entries = [_entry(case, row, place) for place, (case, row) in enumerate(rows.items(), 1)]
    decided = any(row["decision"] for row in rows.values())
    chosen = {case for case, row in rows.items() if _is_in(row, decided=decided)}
    near = beside_the_line(entries, _places(shown, entries))
    return BalanceView(
        chosen=len(chosen),
        decided=decided,
        classes=tuple(
            (shown["class_names"][key], sum(rows[case]["class"] == key for case in chosen), places)
            for key, places in shown["shares"].items()
        ),
        spreads=tuple(
            Spread(
                name=NAMES[name],
                rows=tuple(_share(one, len(entries), len(chosen)) for one in shares(entries, chosen, name)),
            )
            for name in ATTRIBUTES
        ),
        near=tuple(_near(one, rows, stability) for one in near),
        proposals=tuple(_proposals(entries, chosen, near, rows)) if propose else None,
    )


def _entry(case: UUID, row: Mapping[str, Any], place: int) -> Entry:
    mean = Fraction(int(row["mean"][0]), int(row["mean"][1]))
    return Entry(case, row["class"], row["rank"] or place, place, mean, row["subject"])


def _is_in(row: Mapping[str, Any], *, decided: bool) -> bool:
    return bool(row["decision"] == "shortlisted" if decided else row["line"] == "above")


def _places(shown: Mapping[str, Any], entries: Sequence[Entry]) -> dict[str | None, int | None]:
    groups = dict.fromkeys(one.group for one in entries)
    return {group: shown["shares"].get(group, 0) if shown["shares"] else shown["quota"] for group in groups}


def _share(one: Share, ranked: int, chosen: int) -> ShareRow:
    part = Fraction(100 * one.chosen, chosen) if chosen else Fraction(0)
    mean = _two(one.mean) if one.mean is not None else "—"
    return ShareRow(
        value=one.value,
        ranked=one.ranked,
        chosen=one.chosen,
        share=f"{_round(part)}%",
        ranked_part=int(_round(Fraction(100 * one.ranked, ranked))),
        chosen_part=int(_round(part)),
        mean=mean,
    )


def _near(one: Beside, rows: Mapping[UUID, Mapping[str, Any]], stability: Mapping[str, Any] | None) -> NearRow:
    row = rows[one.case_id]
    why, change = _sentences(one, row["rank"])
    return NearRow(
        rank=str(row["rank"] or "—"),
        number=row["number"],
        name=row["name"],
        badge=Badge(text="线内", tone=Tone.GOOD) if one.inside else Badge(text="线外", tone=Tone.NEUTRAL),
        why=why,
        change=change + _moved_by(str(one.case_id), stability),
    )


def _sentences(one: Beside, rank: int) -> tuple[str, str]:
    """Why an entry is where it is, and what would change it."""
    if not one.gap:
        other = "线外第一名" if one.inside else "线内最后一名"
        return f"第{rank}名，与{other}同分，名额线从中穿过。", "由委员会在同分者中取舍并写明理由。"
    gap = _two(one.gap)
    if one.inside:
        return f"第{rank}名，在名额之内，比线外第一名高 {gap} 分。", f"平均分低 {gap} 分以上就会落到线外。"
    change = f"平均分再高 {gap} 分即与线内最后一名同分；线内和前面共有 {one.ahead} 案退出，它就依次进入。"
    return f"第{rank}名，在名额之外，比线内最后一名低 {gap} 分。", change


def _moved_by(case: str, stability: Mapping[str, Any] | None) -> str:
    left_out = stability["left_out"] if stability else ()
    experts = [one["expert"] for one in left_out if case in one["enters"] or case in one["leaves"]]
    any_of = "中任何一人" if len(experts) > 1 else ""
    return f"去掉{'、'.join(experts)}{any_of}的评分，结果也会变化。" if experts else ""


def _proposals(
    entries: Sequence[Entry],
    chosen: set[UUID],
    near: Sequence[Beside],
    rows: Mapping[UUID, Mapping[str, Any]],
) -> list[ProposalRow]:
    outside = {one.case_id for one in near if not one.inside}
    return [_proposal(one, rows) for name in ATTRIBUTES for one in exchanges(entries, chosen, outside, name)]


def _proposal(one: Exchange, rows: Mapping[UUID, Mapping[str, Any]]) -> ProposalRow:
    enters, leaves = rows[one.enters], rows[one.leaves]
    words = f"名单中没有{NAMES[one.attribute]}“{one.value}”：可考虑以 {_named(enters)} 替换 {_named(leaves)}。"
    return ProposalRow(words=words, cost=f"平均分相差 {_two(one.cost)} 分，偏离排序须写明理由。")


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['number']} {row['name']}（第{row['rank']}名）"


def _round(value: Fraction) -> str:
    return str((Decimal(value.numerator) / value.denominator).quantize(Decimal(1), ROUND_HALF_UP))


def _two(value: Fraction) -> str:
    return str((Decimal(value.numerator) / value.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP))
