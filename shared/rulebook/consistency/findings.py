"""A finding of a consistency check (前后不一致): where two figures stand, what they say, how grave it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.kernel.canonical import digest, plain_decimal

Severity = Literal["info", "warning", "error"]
Value = Decimal | bool | str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One inconsistency. ``values``: what each source says; ``difference``: larger minus smaller, or None."""

    check: str
    subject: str
    indicator: str | None
    values: Mapping[str, Value]
    difference: Decimal | None
    severity: Severity
    message: str

    def as_json(self) -> dict[str, object]:
        """The finding as the line of the report: numbers as plain decimal strings."""
        return {
            "check": self.check,
            "subject": self.subject,
            "indicator": self.indicator,
            "values": {source: said(value) for source, value in self.values.items()},
            "difference": None if self.difference is None else plain_decimal(self.difference),
            "severity": self.severity,
            "message": self.message,
        }

    @property
    def digest(self) -> str:
        """What was found, without its wording: a waiver is bound to it and ends when a figure changes."""
        found = self.as_json()
        del found["message"]
        return digest(found)


def said(value: Value) -> str | None:
    """A value as a finding gives it: a decimal string, a word, or None."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain_decimal(value) if isinstance(value, Decimal) else value


def spread(values: Iterable[Value]) -> Decimal | None:
    """Largest minus smallest; None when fewer than two are numbers."""
    numbers = [value for value in values if isinstance(value, Decimal)]
    return max(numbers) - min(numbers) if len(numbers) > 1 else None


def by_number(subject: str) -> tuple[bool, int]:
    """Sort key: numbered subjects by their number (2 before 10); the others stay in the order found."""
    numbered = subject.isascii() and subject.isdecimal()
    return not numbered, int(subject) if numbered else 0
