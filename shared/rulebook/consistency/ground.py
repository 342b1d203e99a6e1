"""What every check stands on: the report, the scorecard that judges it, the declared series and ratios."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.rulebook.consistency.declared import Ratio, Series
from shared.rulebook.consistency.findings import Value
from shared.rulebook.consistency.report import Report
from shared.rulebook.forms import value_fault
from shared.rulebook.metrics import NotComputable
from shared.rulebook.models import Category
from shared.rulebook.scoring import ALONE, Case, Item

Outcome = Decimal | NotComputable | None


@dataclass(frozen=True)
class Ground:
    """One report under one category's rules."""

    report: Report
    category: Category
    series: Mapping[str, Series]
    ratios: tuple[Ratio, ...]

    def source(self, series: str) -> str:
        """How findings call a series."""
        return self.series[series].source

    def printed(self, subject: str, indicator: str, series: tuple[str, ...]) -> dict[str, Decimal]:
        """The numbers of an indicator by source, where given."""
        found = {self.source(name): self.report.cells(name).get(subject, {}).get(indicator) for name in series}
        return {source: value for source, value in found.items() if isinstance(value, Decimal)}

    def subjects(self, *series: str) -> Iterator[str]:
        """Every subject of these series once, in their order."""
        yield from dict.fromkeys(subject for name in series for subject in self.report.cells(name))

    def label(self, indicator: str) -> str:
        """The printed name of an indicator."""
        item = self._item(indicator)
        fact = self.category.fact(indicator)
        return item.name if item else fact.label if fact else indicator

    def points(self, indicator: str, target: Value, actual: Value) -> Outcome:
        """What the rule gives; None when the scorecard has no such item or a value is of the wrong kind."""
        item = self._item(indicator)
        card = self.category.scorecard
        if item is None or card is None:
            return None
        facts = dict(zip(item.rule.fact_ids(), (target, actual), strict=True))
        if any((fact := self.category.fact(name)) is None or value_fault(fact, value) for name, value in facts.items()):
            return None
        scored = item.rule.apply(item, Case("", facts=facts, options=card.option_defaults()), ALONE)
        return scored if isinstance(scored, NotComputable) else scored.points

    def words(self, value: Value, indicator: str | None = None) -> str:
        """A value for the reader, numbers as printed."""
        if isinstance(value, bool):
            return "“是”" if value else "“否”"
        if isinstance(value, Decimal):
            return format(value, "f")
        return "“/”" if value is None else f"“{self._choice(indicator, str(value))}”"

    def _choice(self, indicator: str | None, value: str) -> str:
        item = self._item(indicator) if indicator else None
        facts = [self.category.fact(name) for name in item.rule.fact_ids()] if item else []
        choices = {choice.value: choice.label for fact in facts if fact for choice in fact.allowed}
        return choices.get(value, value)

    def _item(self, indicator: str) -> Item | None:
        card = self.category.scorecard
        return card.item(indicator, None) if card else None
