"""What a rule kind is. Each kind is one small class in a file of its family; defining it registers it.

A new kind: write the class in its family's file. Nothing else needs to know of it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, SerializeAsAny

from shared.kernel.canonical import plain_decimal
from shared.rulebook.base import Exact, Frozen, Key, Label
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


@dataclass(frozen=True, slots=True)
class Population:
    """The frozen fields of comparison: for each compared item (and variant) the members' exact values, ascending.

    Without a field for an item the case is compared with itself alone.
    """

    fields: Mapping[PoolKey, tuple[Fraction, ...]] = field(default_factory=dict)

    def field_of(self, key: PoolKey, own: Fraction) -> tuple[Fraction, ...]:
        """The members' values, the case's own among them."""
        values = self.fields.get(key, (own,))
        place = bisect_left(values, own)
        if place == len(values) or values[place] != own:
            raise ValueError("the case is not a member of the population it is compared with")
        return values


ALONE = Population()


@dataclass(frozen=True, slots=True)
class Scored:
    """What a rule gave an item: points, the inputs it read, what was applied, and the same in words."""

    points: Decimal
    inputs: Mapping[str, Json]
    applied: Mapping[str, Json]
    words: str


class Rule(Frozen):
    """Base of the rule kinds."""

    judged: ClassVar[bool] = False
    kind: str

    def __init_subclass__(cls, kind: str = "", **options: Any) -> None:
        super().__init_subclass__(**options)
        if kind:
            _KINDS[kind] = cls

    def fact_ids(self) -> Iterator[str]:
        """The facts the rule reads, in printed order."""
        return iter(())

    def apply(self, item: "Item", case: Case, population: Population) -> Scored | NotComputable:
        """The points of the item for this case, or why they cannot be computed."""
        raise TypeError(f"rule kind {self.kind} does not say how it scores")

    def reachable(self, item: "Item", case: Case) -> Decimal:
        """The most this case could get, its judged and measured items taken as full."""
        return item.points

    def pool_key(self, item: "Item", case: Case) -> PoolKey | None:
        """Which population the case belongs to for this item; None for rules that compare nobody."""
        return None

    def pool_value(self, case: Case) -> Fraction | NotComputable:
        """The value that other members are compared with."""
        return NotComputable.BASE_MISSING

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
