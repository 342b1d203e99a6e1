"""The scorecard: groups of items, variants, zero conditions, vetoes and options, as printed."""

from collections.abc import Iterator
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

    def lines(self, variant: str | None) -> Iterator[tuple[Group, Item]]:
        """Group and item of every line on the card of this variant, in printed order."""
        for group in self.groups:
            for item in group.items_for(variant):
                yield group, item

    def item(self, item_id: str, variant: str | None) -> Item | None:
        """The item of that id on the card of this variant."""
        return next((item for _, item in self.lines(variant) if item.id == item_id), None)
