"""The scorecard: groups of items, variants, zero conditions, vetoes and options, as printed."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from shared.rulebook.base import Count, Exact, Frozen, Key, Label
from shared.rulebook.scoring.rule import Item


class Variant(Frozen):
    """One of several item lists or classes of a card."""

    id: Key
    name: Label


class Group(Frozen):
    """Level 1. ``points_note`` states why the items of a variant do not add up to the printed points."""

    id: Key
    name: Label
    points: Exact
    mode: Literal["sum", "any_of", "variant"]
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    points_note: Label | None = None

    def items_for(self, variant: str | None) -> tuple[Item, ...]:
        """The items on the card of this variant, in printed order."""
        return tuple(item for item in self.items if item.applies_to(variant))


Sections = tuple[tuple[Group, tuple[Item, ...]], ...]


class _Sheet(NamedTuple):
    """The card of one variant."""

    sections: Sections
    items: dict[str, Item]
    compared: tuple[Item, ...]


class ZeroCondition(Frozen):
    """A fact that sets its item to 0, whatever was judged."""

    id: Key
    item: Key
    label: Label
    lookback_years: Count | None = None


class Veto(Frozen):
    """A confirmed fact that takes the case out of the ranking; ``item`` None: raised for the case as a whole."""

    id: Key
    item: Key | None
    label: Label
    article: Label


class Option(Frozen):
    """A choice between readings that a case may name; the default is the setting in force."""

    id: Key
    allowed: tuple[Key, ...]
    default: Key


class Scorecard(Frozen):
    """One scorecard. ``floor``: the total is not below it (None: no floor printed or needed)."""

    attachment: Label
    title: Label
    total: Exact
    floor: Exact | None = None
    variants: tuple[Variant, ...] = ()
    groups: Annotated[tuple[Group, ...], Field(min_length=1)]
    zero_conditions: tuple[ZeroCondition, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    options: tuple[Option, ...] = ()

    def sections(self, variant: str | None) -> Sections:
        """Every group with its items on the card of this variant, in printed order."""
        return self._sheet(variant).sections

    def lines(self, variant: str | None) -> tuple[tuple[Group, Item], ...]:
        """Group and item of every line on the card of this variant, in printed order."""
        return tuple((group, item) for group, items in self.sections(variant) for item in items)

    def item(self, item_id: str, variant: str | None) -> Item | None:
        """The item of that id on the card of this variant."""
        return self._sheet(variant).items.get(item_id)

    def compared_items(self, variant: str | None) -> tuple[Item, ...]:
        """The items on the card of this variant that compare the case with others."""
        return self._sheet(variant).compared

    def zeroed(self, conditions: Sequence[str]) -> dict[str, str]:
        """The items that these conditions set to 0, each with the first of them that does."""
        found: dict[str, str] = {}
        for condition in conditions:
            if condition in self._zero_conditions:
                found.setdefault(self._zero_conditions[condition].item, condition)
        return found

    def zero_label(self, condition: str) -> str:
        """A zero condition as printed."""
        return self._zero_conditions[condition].label

    def option_defaults(self) -> dict[str, str]:
        """The reading in force of every option."""
        return {option.id: option.default for option in self.options}

    def _sheet(self, variant: str | None) -> _Sheet:
        """What every case asks for, put together at the first."""
        if variant not in self._sheets:
            sections = tuple((group, group.items_for(variant)) for group in self.groups)
            items = {item.id: item for _, of_group in sections for item in of_group}
            compared = tuple(item for item in items.values() if item.rule.compares)
            self._sheets[variant] = _Sheet(sections, items, compared)
        return self._sheets[variant]

    @cached_property
    def _sheets(self) -> dict[str | None, _Sheet]:
        return {}

    @cached_property
    def _zero_conditions(self) -> dict[str, ZeroCondition]:
        return {zero.id: zero for zero in self.zero_conditions}
