"""The report tables of an evaluation: 总表, points by item, what was filed and what was aimed at."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shared.contracts.dossiers import ApplicationDossier, FinalEntryDossier
from shared.rulebook import Category, Figure, ReportColumn, ReportTable, StageKind, read_figures

_WHO = (ReportColumn("position", "序号"), ReportColumn("name", "名称"))
_SUMMARY = (
    *_WHO,
    ReportColumn("credit_code", "统一社会信用代码"),
    ReportColumn("score", "得分", "分"),
    ReportColumn("outcome", "结论"),
    ReportColumn("reason", "理由"),
)
_FILED = {
    "applicant": ("filed", "发展情况（企业填报）"),
    "office": ("aimed", "目标值（办公室录入）"),
    "intake": ("taken_in", "已公布的数据（办公室录入）"),
}


def evaluation_tables(
    title: str, category: Category, lines: Sequence[FinalEntryDossier], filings: Mapping[str, ApplicationDossier]
) -> tuple[ReportTable, ...]:
    """The tables of a fixed list, a row a case in its order.

    Args:
        filings: by case number; a case whose filing is not here has empty cells.
    """
    tables = [_summary(title, category, lines), _points(category, lines)]
    figures = {number: read_figures(category, filing.figures).figures for number, filing in filings.items()}
    tables += [_filed(category, lines, figures, party) for party in _FILED]
    return tuple(table for table in tables if len(table.columns) > len(_WHO))


def _summary(title: str, category: Category, lines: Sequence[FinalEntryDossier]) -> ReportTable:
    rows = [
        {
            **_who(line),
            "credit_code": line.subject.credit_code,
            "score": None if line.score is None else Decimal(line.score),
            "outcome": category.case_outcomes[line.outcome].label,
            "reason": line.reason,
        }
        for line in lines
    ]
    stage = category.stage(StageKind.DECISION)
    return ReportTable("summary", title, stage.article if stage else category.article, _SUMMARY, rows)


def _points(category: Category, lines: Sequence[FinalEntryDossier]) -> ReportTable:
    card = category.scorecard
    items = [item for _, item in card.lines(None)] if card else []
    rows = [{**_who(line), **{item: Decimal(points) for item, points in line.items.items()}} for line in lines]
    columns = (*_WHO, *(ReportColumn(item.id, item.name, "分") for item in items))
    return ReportTable("points", "各项得分", card.attachment if card else category.article, columns, rows)


def _filed(
    category: Category, lines: Sequence[FinalEntryDossier], figures: Mapping[str, Mapping[str, Figure]], party: str
) -> ReportTable:
    facts = [fact for fact in category.facts if fact.filled_by == party]
    columns = (*_WHO, *(ReportColumn(fact.id, fact.label, fact.unit) for fact in facts))
    words = {fact.id: {choice.value: choice.label for choice in fact.allowed} for fact in facts}
    rows = [
        {**_who(line), **{name: _cell(figures.get(line.number, {}).get(name), words[name]) for name in words}}
        for line in lines
    ]
    name, title = _FILED[party]
    return ReportTable(name, title, category.article, columns, rows)


def _who(line: FinalEntryDossier) -> dict[str, Any]:
    return {"position": Decimal(line.position), "name": line.subject.name}


def _cell(value: Figure, words: Mapping[str, str]) -> Decimal | bool | str | None:
    if isinstance(value, tuple):
        return "、".join(words.get(part, part) for part in value)
    return words.get(value, value) if isinstance(value, str) else value
