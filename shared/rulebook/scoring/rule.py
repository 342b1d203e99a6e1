"""What a rule kind is. Each kind is one small class in a file of its family; defining it registers it.

A new kind: write the class in its family's file. Nothing else needs to know of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import BeforeValidator, SerializeAsAny

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Exact, Frozen, Key, Label
from shared.rulebook.conditions import Condition
from shared.rulebook.figures import Figures, Json, as_json
from shared.rulebook.metrics import NotComputable

_KINDS: dict[str, type["Rule"]] = {}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Case:
    """A case to be scored: what the form says, what one expert gave, what is confirmed.

    ``zero_conditions`` keeps its order: the first that applies to an item is the one named.
    """

    id: str
    variant: str | None = None
    facts: Figures = field(default_factory=dict)
    judgements: Mapping[str, Decimal] = field(default_factory=dict)
    zero_conditions: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    overrides: Mapping[str, Decimal] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


PoolKey = tuple[str, str | None]


class Standing(NamedTuple):
    """Where a member stands: how many members have its value or a lower one (itself among them), of how many."""

    at_or_below: int
    of: int


class Population:
    """The frozen fields of comparison: for each compared item (and variant) the members' exact values.

    Without a field for an item the case is compared with itself alone.
    """

    def __init__(self, fields: Mapping[PoolKey, Sequence[Fraction]] | None = None) -> None:
        self._fields = {key: _standings(values) for key, values in (fields or {}).items()}

    def standing(self, key: PoolKey, own: Fraction) -> Standing:
        """Where the case stands in its field.

        Raises:
            ValueError: the case is not a member.
        """
        members = self._fields.get(key)
        if members is None:
            return Standing(1, 1)
        if own not in members:
            raise ValueError("the case is not a member of the population it is compared with")
        return members[own]


def _standings(values: Sequence[Fraction]) -> dict[Fraction, Standing]:
    """The standing of each distinct value: a look-up for each member instead of a search."""
    counts = Counter(values)
    ascending = sorted(counts)
    at_or_below = accumulate(counts[value] for value in ascending)
    return {value: Standing(count, len(values)) for value, count in zip(ascending, at_or_below, strict=True)}


ALONE = Population()


@dataclass(frozen=True, slots=True)
class Scored:
    """What a rule gave an item: points, the inputs it read, and what was applied."""

    points: Decimal
    inputs: dict[str, Json]
    applied: dict[str, Json]


class Rule(Frozen):
    """Base of the rule kinds."""

    judged: ClassVar[bool] = False
    compares: ClassVar[bool] = False
    kind: str

    def __init_subclass__(cls, kind: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if kind:
            _KINDS[kind] = cls

    def fact_ids(self) -> Iterator[str]:
        """The facts the rule reads, in printed order."""
        return iter(())

    def conditions(self) -> Iterator[Condition]:
        """The conditions on facts in it."""
        return iter(())

    def readings(self) -> Iterator[tuple[str, str]]:
        """Option and reading of each open place that the rule depends on."""
        return iter(())

    def apply(self, item: "Item", case: Case, population: Population) -> Scored | NotComputable:
        """The points of the item for this case, or why they cannot be computed."""
        raise TypeError(f"rule kind {self.kind} does not say how it scores")

    def printed_lines(self, points: Decimal) -> Iterator[str]:
        """The rule as a reader checks it against the printed table, line by line."""
        raise TypeError(f"rule kind {self.kind} does not say what is printed")

    def words(self, case: Case, scored: Scored) -> str:
        """What was applied, for people: from the figure to the band, rank or outcome."""
        raise TypeError(f"rule kind {self.kind} does not say how it explains itself")

    def reachable(self, item: "Item", case: Case) -> Decimal:
        """The most this case could get, its judged and measured items taken as full."""
        return item.points

    def pool_key(self, item: "Item", case: Case) -> PoolKey:
        """Which population the case belongs to for this item, where the rule compares."""
        raise TypeError(f"rule kind {self.kind} compares nobody")

    def pool_value(self, case: Case) -> Fraction | NotComputable:
        """The value that other members are compared with, where the rule compares."""
        raise TypeError(f"rule kind {self.kind} compares nobody")

    def faults(self, points: Decimal) -> Iterator[str]:
        """What is wrong with the rule itself, as Chinese sentences for the author of the rulebook."""
        return iter(())

    def inputs(self, case: Case) -> dict[str, Json]:
        """The facts read, as JSON values."""
        return {fact: as_json(case.facts.get(fact)) for fact in self.fact_ids()}


def _pick_kind(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"没有这种计分规则：{kind}；可用：{'、'.join(sorted(_KINDS))}")
    return _KINDS[kind].model_validate(value)


AnyRule = Annotated[SerializeAsAny[Rule], BeforeValidator(_pick_kind)]


class Item(Frozen):
    """A level-2 line of a scorecard.

    ``variants`` empty: for every case. ``points`` of an alternative are those of its group.
    """

    id: Key
    name: Label
    points: Exact
    rule: AnyRule
    variants: tuple[Key, ...] = ()
    evidence: tuple[Label, ...] = ()
    note: str | None = None

    def applies_to(self, variant: str | None) -> bool:
        """Whether the item stands on the card of this variant."""
        return not self.variants or variant in self.variants


def points_text(points: Decimal) -> str:
    """Points for people."""
    return f"{plain_decimal(points)} 分"


def rule_kinds() -> dict[str, type[Rule]]:
    """All registered kinds, by name."""
    return dict(_KINDS)
