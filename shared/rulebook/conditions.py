"""Conditions on the facts of a case, as data: used by entry rules and by all-or-nothing items."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, Self

from pydantic import StrictBool, StrictStr, model_validator

from shared.rulebook.base import Exact, Frozen, Key
from shared.rulebook.figures import Figure, Figures

Test = Literal["equals", "not_equals", "one_of", "at_least", "at_most", "below", "contains", "not_empty"]


class Condition(Frozen):
    """Either a test of one fact, or all of / any of several conditions."""

    fact: Key | None = None
    test: Test | None = None
    value: StrictBool | Exact | StrictStr | tuple[StrictStr, ...] | None = None
    all_of: tuple["Condition", ...] = ()
    any_of: tuple["Condition", ...] = ()

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        shapes = [self.fact is not None, bool(self.all_of), bool(self.any_of)]
        if sum(shapes) != 1 or (self.fact is None) != (self.test is None):
            raise ValueError("条件须为一项事实的检验（fact、test），或 all_of，或 any_of，三者取一")
        return self

    def facts(self) -> Iterator[str]:
        """Every fact the condition looks at."""
        if self.fact is not None:
            yield self.fact
        for part in (*self.all_of, *self.any_of):
            yield from part.facts()

    def tests(self) -> Iterator["Condition"]:
        """Every test of one fact in it."""
        if self.fact is not None:
            yield self
        for part in (*self.all_of, *self.any_of):
            yield from part.tests()

    def holds(self, figures: Figures) -> bool | None:
        """True, False, or None when the facts given do not settle it."""
        if self.all_of:
            return _all([part.holds(figures) for part in self.all_of])
        if self.any_of:
            return _any([part.holds(figures) for part in self.any_of])
        value = figures.get(self.fact or "")
        return None if value is None else self._test(value)

    def _test(self, value: Figure) -> bool:
        match self.test:
            case "not_empty":
                return value not in ((), "")
            case "equals":
                return value == self.value
            case "not_equals":
                return value != self.value
            case "one_of":
                return isinstance(self.value, tuple) and value in self.value
            case "contains":
                return isinstance(value, str) and isinstance(self.value, str) and self.value in value
            case "below":
                return _numbers(value, self.value) and value < self.value  # type: ignore[operator]
            case "at_least":
                return _numbers(value, self.value) and value >= self.value  # type: ignore[operator]
            case _:
                return _numbers(value, self.value) and value <= self.value  # type: ignore[operator]


def _numbers(left: object, right: object) -> bool:
    return isinstance(left, Decimal) and isinstance(right, Decimal)


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _any(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False
