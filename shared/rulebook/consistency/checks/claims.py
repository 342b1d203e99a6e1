"""Does each number in the report's text follow from the tables it should follow from?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Frozen, Key, Label
from shared.rulebook.consistency.checks.check import Check
from shared.rulebook.consistency.findings import Finding, Severity, spread
from shared.rulebook.consistency.measures import Measure, added
from shared.rulebook.consistency.numbers import gives, places
from shared.rulebook.consistency.report import Row, Unreadable
from shared.rulebook.figures import rounded

if TYPE_CHECKING:
    from shared.rulebook.consistency.ground import Ground

_SHOWN_PLACES = 2


class ClaimRule(Frozen):
    """How some claims are recomputed: add − less (+ other claims as printed), as a percentage of ``percent_of``.

    ``each``: apart for every series that the claim names, over the rows of its columns; else once from all tables.
    """

    claims: tuple[Key, ...]
    each: bool = False
    add: tuple[Measure, ...]
    less: tuple[Measure, ...] = ()
    add_claims: tuple[Key, ...] = ()
    percent_of: tuple[Measure, ...] = ()


class RowLookup(Frozen):
    """Claims that name a row of a table and fields of it: its columns, or the labels of the figures in its text."""

    source: Label
    table: Key
    figures_table: Key
    label: Key
    value: Key
    match: tuple[Key, ...]


class WantedRow(BaseModel):
    """Where a claim says to look: the row by its key columns, and the fields that should give the number."""

    model_config = ConfigDict(extra="allow")
    fields: tuple[str, ...]


class Claim(BaseModel):
    """A number in the text, as the report's file gives it."""

    id: str
    section: str
    label: str
    printed_raw: str
    printed: Decimal
    unit: str | None = None
    relation: Literal["equal", "hundreds_plus", "at_least"]
    recompute_from: tuple[str, ...]
    columns: tuple[str, ...] = ()
    parts: tuple[Decimal, ...] = ()
    row: WantedRow | None = None


Recomputed = dict[str, Fraction | None]


@dataclass(frozen=True)
class TextFigure:
    """A number of the text: what each table it should follow from gives (as shown), and whether that fits."""

    claim: Claim
    recomputed: Mapping[str, Decimal | None]
    fits: Mapping[str, bool]


class Claims(Check):
    """Every claim with a table. One that fits none of its tables is an error, one that fits only some a doubt."""

    kind: Literal["claim"]
    table: Key
    lookup: RowLookup
    rules: tuple[ClaimRule, ...]

    def find(self, ground: Ground) -> Iterator[Finding]:
        """Claims in the order of the text."""
        for one in self.text_figures(ground):
            fits = list(one.fits.values())
            if not all(fits):
                yield self._finding(ground, one, "warning" if any(fits) else "error")

    def text_figures(self, ground: Ground) -> list[TextFigure]:
        """Every number of the text with what its tables give."""
        claims = {claim.id: claim for claim in map(_read, ground.report.rows(self.table))}
        figures = []
        for claim in claims.values():
            recomputed = self._recompute(ground, claims, claim) if claim.recompute_from else {}
            fits = {source: number is not None and _fits(claim, number) for source, number in recomputed.items()}
            shown = {source: _shown(claim, number) for source, number in recomputed.items()}
            figures.append(TextFigure(claim, shown, fits))
        return figures

    def _recompute(self, ground: Ground, claims: Mapping[str, Claim], claim: Claim) -> Recomputed:
        """What each table gives, under the name of the table."""
        if claim.parts:
            return {"recomputed": sum(map(Fraction, claim.parts), Fraction(0))}
        if claim.row:
            return self._looked_up(ground, claim.row)
        rule = next((rule for rule in self.rules if claim.id in rule.claims), None)
        if rule is None:
            return {}
        if not rule.each:
            tables = claim.recompute_from
            return {tables[0] if len(tables) == 1 else "recomputed": self._once(ground, claims, rule, ())}
        return {
            series.source: self._once(ground, claims, rule, _series_rows(ground, series.id, claim.columns))
            for series in ground.series.values()
            if series.claimed_as in claim.recompute_from
        }

    def _once(
        self, ground: Ground, claims: Mapping[str, Claim], rule: ClaimRule, given: Sequence[Row]
    ) -> Fraction | None:
        plus, less = added(ground.report, rule.add, given), added(ground.report, rule.less, given)
        others = [claims[other].printed for other in rule.add_claims if other in claims]
        if plus is None or less is None or len(others) < len(rule.add_claims):
            return None
        number = plus - less + sum(map(Fraction, others), Fraction(0))
        if not rule.percent_of:
            return number
        whole = added(ground.report, rule.percent_of, given)
        return 100 * number / whole if whole else None

    def _looked_up(self, ground: Ground, wanted: WantedRow) -> Recomputed:
        """Each field of the row named: a column under the table's name, a figure also under its own if not alone."""
        lookup, found = self.lookup, Recomputed()
        rows = _matching(ground.report.rows(lookup.table), wanted, lookup.match)
        figures = _matching(ground.report.rows(lookup.figures_table), wanted, lookup.match)
        for field in wanted.fields:
            figure = next((row for row in figures if row.get(lookup.label) == field), None)
            row, column = (figure, lookup.value) if figure else (rows[0] if rows else {}, field)
            value = row.get(column)
            source = lookup.source if figure is None or len(wanted.fields) == 1 else f"{lookup.source} {field}"
            found[source] = Fraction(value) if isinstance(value, Decimal) else None
        return found

    def _finding(self, ground: Ground, figure: TextFigure, severity: Severity) -> Finding:
        claim, values = figure.claim, {"printed": figure.claim.printed, **figure.recomputed}
        apart = spread(values.values())
        said = "，".join(f"{_WORDS.get(source, source)}为{ground.words(values[source])}" for source in figure.fits)
        numbers = "" if apart is None else f"，相差{plain_decimal(apart)}"
        verdict = "与所据各表均不符" if severity == "error" else "只与部分所据表相符"
        message = f"正文{claim.section}“{claim.label}”：印为{claim.printed_raw}，{said}{numbers}，{verdict}。"
        return Finding(self.check, claim.id, None, values, apart, severity, message)


_WORDS = {"recomputed": "重算"}


def _series_rows(ground: Ground, series: str, columns: Sequence[str]) -> list[Row]:
    """The cells of these indicators as rows of subject and value."""
    return [
        {"subject": subject, "value": cells.get(column)}
        for subject, cells in ground.report.cells(series).items()
        for column in columns
    ]


def _matching(rows: Sequence[Row], wanted: WantedRow, columns: tuple[str, ...]) -> list[Row]:
    keys = wanted.model_extra or {}
    return [row for row in rows if all(row.get(column) == keys.get(column) for column in columns)]


def _read(row: Row) -> Claim:
    try:
        return Claim.model_validate(row)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise Unreadable(f"正文数字“{row.get('id')}”的“{place}”缺少或写法不符。") from error


def _fits(claim: Claim, exact: Fraction) -> bool:
    printed = claim.printed
    match claim.relation:
        case "at_least":
            return exact >= printed
        case "hundreds_plus":
            return printed <= exact < printed + 100
        case _:
            return gives(exact, printed, cut_too=False)


def _shown(claim: Claim, exact: Fraction | None) -> Decimal | None:
    """A recomputed number: whole as it is, else to the printed decimals, at least two."""
    if exact is None or exact.denominator == 1:
        return None if exact is None else Decimal(exact.numerator)
    return rounded(exact, max(_SHOWN_PLACES, places(claim.printed)))
