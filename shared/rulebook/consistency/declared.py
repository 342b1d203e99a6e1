"""What a rulebook declares for its checks to stand on: tables of a report, series of figures, ratios of amounts."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.rulebook.base import Frozen, Key, Label
from shared.rulebook.conditions import Condition
from shared.rulebook.consistency.report import Report


class Table(Frozen):
    """Rows of a file of the report: ``rows`` is a dotted path (``*`` each member of a mapping; empty: the whole).

    ``optional``: where a row's place is missing there is no row; else the file cannot be read.
    """

    id: Key
    file: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}\.json$")]
    rows: Annotated[str, StringConstraints(pattern=r"^([a-z0-9_]+|\*)?(\.([a-z0-9_]+|\*))*$")] = ""
    where: Condition | None = None
    optional: bool = False


class Series(Frozen):
    """Subject × indicator → value, read from a table: the columns that hold the three.

    ``source`` is how findings call it, ``claimed_as`` how the report's claims do. ``filed``: the ending of the facts
    that stand for it on the form of one case (``_actual``; empty: the facts named like the indicators themselves).
    """

    id: Key
    source: Label
    table: Key
    subject: Key
    indicator: Key
    value: Key
    claimed_as: Label | None = None
    filed: str | None = None


class Amount(Frozen):
    """One figure of a subject: the first of these indicators that the series gives."""

    series: Key
    ids: tuple[Label, ...]

    def of(self, report: Report, subject: str) -> Decimal | None:
        """The figure, where it is given as a number."""
        cells = report.cells(self.series).get(subject, {})
        return next((value for name in self.ids if isinstance(value := cells.get(name), Decimal)), None)


class Ratio(Frozen):
    """A percentage that follows from two amounts: ``share`` part ÷ whole, ``growth`` (part − whole) ÷ whole.

    ``printed``: the series that print it; ``source``: how findings call what the amounts give.
    """

    indicator: Key
    how: Literal["share", "growth"]
    part: Amount
    whole: Amount
    printed: tuple[Key, ...]
    source: Label = "recomputed"

    def of(self, report: Report, subject: str) -> Fraction | None:
        """The percentage, where both amounts are given and the base is above zero."""
        part, whole = self.part.of(report, subject), self.whole.of(report, subject)
        if part is None or whole is None or whole <= 0:
            return None
        return 100 * Fraction(part if self.how == "share" else part - whole) / Fraction(whole)


class Scoring(Frozen):
    """How a report's subjects are scored by the rule: the series that are facts of the form, and what is taken off.

    ``deduction`` is the judged item of the scorecard that stands in ``column`` of ``table``.
    """

    facts: tuple[Key, ...]
    deduction: Key
    table: Key
    key: Key
    column: Key
