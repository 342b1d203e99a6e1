"""Running the declared checks over a report, or over one case."""

from collections.abc import Mapping

from shared.rulebook.consistency.declaration import Consistency
from shared.rulebook.consistency.declared import Series
from shared.rulebook.consistency.findings import Finding, Value, by_number
from shared.rulebook.consistency.ground import Ground
from shared.rulebook.consistency.report import (
    Cells,
    Report,
    Row,
    Unreadable,
    flat_rows,
    read_document,
    subject_of,
    value_of,
)
from shared.rulebook.figures import Figures
from shared.rulebook.models import Rulebook

_CASE = "1"


def files_of(declared: Consistency) -> tuple[str, ...]:
    """The files a report consists of, in declared order."""
    return tuple(dict.fromkeys(table.file for table in declared.tables))


def read_report(declared: Consistency, files: Mapping[str, bytes]) -> Report:
    """The declared tables and series of a report.

    Args:
        files: content by file name; all of ``files_of``.

    Raises:
        Unreadable: a file is missing, is not exact JSON, or lacks a declared place.
    """
    documents = {name: read_document(name, _content(files, name)) for name in files_of(declared)}
    tables = {
        table.id: tuple(
            row
            for row in flat_rows(table.file, documents[table.file], table.rows, optional=table.optional)
            if table.where is None or table.where.holds(row)
        )
        for table in declared.tables
    }
    return Report(tables, {series.id: _cells(series, tables[series.table]) for series in declared.series})


def _content(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise Unreadable(f"缺少文件 {name}。")
    return files[name]


def _cells(series: Series, rows: tuple[Row, ...]) -> Cells:
    cells: dict[str, dict[str, Value]] = {}
    for row in rows:
        cells.setdefault(subject_of(row, series.subject), {})[subject_of(row, series.indicator)] = value_of(
            row, series.value
        )
    return cells


def crosscheck(rulebook: Rulebook, report: Report) -> tuple[Finding, ...]:
    """Everything the declared checks find: check by check, subject by subject, always in the same order."""
    declared = rulebook.consistency
    assert declared is not None, "a rulebook without checks has no report to check"
    return _found(rulebook, declared, report, {check.check for check in declared.checks})


def check_case(rulebook: Rulebook, category: str, figures: Figures, credit_code: str | None) -> tuple[Finding, ...]:
    """What the checks for one case find in a filed form; nothing where the rulebook declares none for the category.

    The facts stand for the series by their endings, the credit code for the list of subjects.
    """
    declared = rulebook.consistency
    if declared is None or declared.category != category:
        return ()
    cells = {series.id: {_CASE: _filed(series, figures)} for series in declared.series if series.filed is not None}
    codes = {check.table: ({check.key: _CASE, check.column: credit_code},) for check in declared.code_checks()}
    return _found(rulebook, declared, Report(codes, cells, single=True), set(declared.for_case))


def _filed(series: Series, figures: Figures) -> dict[str, Value]:
    ending = series.filed or ""
    return {
        fact.removesuffix(ending): value
        for fact, value in figures.items()
        if fact.endswith(ending) and not isinstance(value, tuple)
    }


def ground_of(rulebook: Rulebook, report: Report) -> Ground:
    """What the rulebook's checks stand on in this report."""
    declared = rulebook.consistency
    assert declared is not None, "a rulebook without checks has no report to check"
    series = {one.id: one for one in declared.series}
    return Ground(report, rulebook.category(declared.category), series, declared.ratios)


def _found(rulebook: Rulebook, declared: Consistency, report: Report, names: set[str]) -> tuple[Finding, ...]:
    ground = ground_of(rulebook, report)
    return tuple(
        finding
        for check in declared.checks
        if check.check in names
        for finding in sorted(check.find(ground), key=lambda finding: by_number(finding.subject))
    )
