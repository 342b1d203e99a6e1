"""The scorecard: groups of items, variants, zero conditions, vetoes and options, as printed."""

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Literal

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
        return self._sections.get(variant) or self._sections_of(variant)

    def lines(self, variant: str | None) -> tuple[tuple[Group, Item], ...]:
        """Group and item of every line on the card of this variant, in printed order."""
        return tuple((group, item) for group, items in self.sections(variant) for item in items)

    def item(self, item_id: str, variant: str | None) -> Item | None:
        """The item of that id on the card of this variant."""
        known = self._items.get(variant)
        return (self._items_of(variant) if known is None else known).get(item_id)

    def compares(self, variant: str | None) -> bool:
        """Whether an item of this variant's card compares the case with others."""
        return variant in self._compared

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

    @cached_property
    def _sections(self) -> dict[str | None, Sections]:
        """What every case asks for, put together once."""
        return {variant: self._sections_of(variant) for variant in (None, *(variant.id for variant in self.variants))}

    def _sections_of(self, variant: str | None) -> Sections:
        return tuple((group, group.items_for(variant)) for group in self.groups)

    @cached_property
    def _items(self) -> dict[str | None, dict[str, Item]]:
        return {variant: self._items_of(variant) for variant in self._sections}

    def _items_of(self, variant: str | None) -> dict[str, Item]:
        return {item.id: item for _, item in self.lines(variant)}

    @cached_property
    def _compared(self) -> frozenset[str | None]:
        return frozenset(
            variant
            for variant, sections in self._sections.items()
            if any(item.rule.compares for _, items in sections for item in items)
        )

    @cached_property
    def _zero_conditions(self) -> dict[str, ZeroCondition]:
        return {zero.id: zero for zero in self.zero_conditions}
