"""Building the declared tables and the figures of the text from a report."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.rulebook.consistency.checks import Claims
from shared.rulebook.consistency.crosschecking import ground_of
from shared.rulebook.consistency.declared import Scoring
from shared.rulebook.consistency.findings import Value
from shared.rulebook.consistency.report import Report, Row, subject_of, value_of
from shared.rulebook.forms import fact_faults
from shared.rulebook.models import Category, Rulebook
from shared.rulebook.reporting.layout import ColumnLayout, Joined, TableLayout
from shared.rulebook.reporting.table import ReportColumn, ReportTable
from shared.rulebook.scoring import ALONE, Case, CaseResult, score_case

_NOTHING = "表外"


def report_tables(rulebook: Rulebook, report: Report) -> tuple[ReportTable, ...]:
    """Every declared table, in declared order, the figures of the text last."""
    scores = _scores(rulebook, report)
    tables = [_table(layout, report, scores) for layout in rulebook.report_tables]
    return (*tables, *_text_figures(rulebook, report))


def _table(layout: TableLayout, report: Report, scores: Mapping[str, CaseResult]) -> ReportTable:
    columns = [ReportColumn(one.id, one.title, one.unit, one.adds_up) for one in layout.columns]
    rows = [_row(layout, report, scores, row) for row in report.rows(layout.table)]
    return ReportTable(layout.id, layout.title, layout.source, columns, rows)


def _row(layout: TableLayout, report: Report, scores: Mapping[str, CaseResult], row: Row) -> dict[str, Value]:
    subject = subject_of(row, layout.key)
    cells: dict[str, Value] = {}
    for column in layout.columns:
        if column.added:
            parts = [cells.get(part) for part in column.added]
            cells[column.id] = sum((part for part in parts if isinstance(part, Decimal)), Decimal(0))
        else:
            cells[column.id] = _cell(column, report, scores.get(subject), subject, row)
    return cells


def _cell(column: ColumnLayout, report: Report, score: CaseResult | None, subject: str, row: Row) -> Value:
    if column.series:
        return report.cells(column.series).get(subject, {}).get(column.id)
    if column.joined:
        return _joined(column.joined, report, row)
    if column.score == "total":
        return score.total if score else None
    if column.score == "open_items":
        return "、".join(score.explanations[item].item_name for item in score.provisional) if score else None
    assert column.column is not None, "the rulebook's model lets every column have one origin"
    return value_of(row, column.column)


def _joined(joined: Joined, report: Report, row: Row) -> Value:
    wanted = value_of(row, joined.by)
    found = (value_of(other, joined.column) for other in report.rows(joined.table) if other.get(joined.key) == wanted)
    return next(found, None)


def _scores(rulebook: Rulebook, report: Report) -> dict[str, CaseResult]:
    """Each subject scored by the rule from its printed figures; the official points are not looked at."""
    declared = rulebook.consistency
    scoring = declared.scoring if declared else None
    if declared is None or scoring is None:
        return {}
    category = rulebook.category(declared.category)
    series = {one.id: one for one in declared.series}
    given = [(series[name].filed or "", report.cells(name)) for name in scoring.facts]
    taken = {subject_of(row, scoring.key): value_of(row, scoring.column) for row in report.rows(scoring.table)}
    found = {}
    for subject in given[0][1]:
        facts = {f"{name}{end}": value for end, cells in given for name, value in cells.get(subject, {}).items()}
        found[subject] = _scored(category, scoring, facts, taken.get(subject))
    return {subject: result for subject, result in found.items() if result is not None}


def _scored(category: Category, scoring: Scoring, facts: dict[str, Any], taken: Value) -> CaseResult | None:
    """None when a figure that the rule needs is absent or of the wrong kind."""
    card = category.scorecard
    if card is None or any(fact_faults(category, None, facts)):
        return None
    judged = {scoring.deduction: taken} if isinstance(taken, Decimal) else {}
    return score_case(card, Case("", facts=facts, judgements=judged), ALONE)


_TEXT_COLUMNS = (
    ReportColumn("section", "段落"),
    ReportColumn("label", "事项"),
    ReportColumn("printed", "正文数字"),
    ReportColumn("unit", "单位"),
    ReportColumn("source", "出处"),
    ReportColumn("figure", "据表所得"),
    ReportColumn("agrees", "是否相符"),
)


def _text_figures(rulebook: Rulebook, report: Report) -> list[ReportTable]:
    """A row for each number of the text and each table it should follow from."""
    declared = rulebook.consistency
    if declared is None:
        return []
    ground = ground_of(rulebook, report)
    rows: list[dict[str, Value]] = []
    for check in declared.checks:
        for figure in check.text_figures(ground) if isinstance(check, Claims) else ():
            claim = figure.claim
            said_there: dict[str, Value] = {
                "section": claim.section,
                "label": claim.label,
                "printed": claim.printed,
                "unit": claim.unit,
            }
            tables = "、".join(claim.recompute_from)
            for source, fits in figure.fits.items() or {_NOTHING: None}.items():
                place = tables if source == "recomputed" else source
                rows.append({**said_there, "source": place, "figure": figure.recomputed.get(source), "agrees": fits})
    return [ReportTable("text_figures", "正文数字及出处", "正文", _TEXT_COLUMNS, rows)] if rows else []
