"""The scorecard: groups of items, variants, zero conditions, vetoes and options, as printed."""

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

    def lines(self, variant: str | None) -> tuple[tuple[Group, Item], ...]:
        """Group and item of every line on the card of this variant, in printed order."""
        return self._lines.get(variant) or self._lines_of(variant)

    def item(self, item_id: str, variant: str | None) -> Item | None:
        """The item of that id on the card of this variant."""
        return next((item for _, item in self.lines(variant) if item.id == item_id), None)

    def zero_labels(self, item_id: str) -> dict[str, str]:
        """The zero conditions of an item: id and label."""
        return self._zero_labels.get(item_id, {})

    def option_defaults(self) -> dict[str, str]:
        """The reading in force of every option."""
        return {option.id: option.default for option in self.options}

    @cached_property
    def _lines(self) -> dict[str | None, tuple[tuple[Group, Item], ...]]:
        return {variant: self._lines_of(variant) for variant in (None, *(variant.id for variant in self.variants))}

    def _lines_of(self, variant: str | None) -> tuple[tuple[Group, Item], ...]:
        return tuple((group, item) for group in self.groups for item in group.items_for(variant))

    @cached_property
    def _zero_labels(self) -> dict[str, dict[str, str]]:
        labels: dict[str, dict[str, str]] = {}
        for zero in self.zero_conditions:
            labels.setdefault(zero.item, {})[zero.id] = zero.label
        return labels
