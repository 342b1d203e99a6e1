"""What a kind of check is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from shared.rulebook.base import Frozen, Key
from shared.rulebook.consistency.findings import Finding

if TYPE_CHECKING:
    from shared.rulebook.consistency.ground import Ground


class Check(Frozen):
    """A declared check, ``id`` its own; ``check`` is the name its findings carry, which several may share."""

    kind: str
    id: Key
    check: Key

    @abstractmethod
    def find(self, ground: Ground) -> Iterator[Finding]:
        """Everything found, subject by subject."""

    def uses_series(self) -> set[str]:
        """The series it names."""
        return set()

    def uses_tables(self) -> set[str]:
        """The tables it names, anywhere in its declaration."""
        return set(_tables(self))


def _tables(part: object) -> Iterator[str]:
    if isinstance(part, tuple):
        for each in part:
            yield from _tables(each)
    elif isinstance(part, Frozen):
        for name in type(part).model_fields:
            value = getattr(part, name)
            if name.endswith("table") and isinstance(value, str):
                yield value
            yield from _tables(value)
