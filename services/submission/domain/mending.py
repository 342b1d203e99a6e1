"""整改前后: what a rectification has changed, item by item as it was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.submission.domain.drafting import BLANK, Typed, typed_in
from services.submission.domain.filing import RectificationItem
from shared.contracts.dossiers import EvidenceItem
from shared.rulebook import Category


@dataclass(frozen=True)
class Mended:
    """A named item before and after, as values of a field or names of files; ``reason``: why it was asked for."""

    field: str
    reason: str
    before: Typed
    after: Typed

    @property
    def changed(self) -> bool:
        """Whether anything about it is different."""
        return self.before != self.after


@dataclass(frozen=True)
class Filed:
    """Figures and files of a case at one time."""

    figures: Mapping[str, object]
    files: Sequence[EvidenceItem]


def mended(category: Category, items: Sequence[RectificationItem], before: Filed, after: Filed) -> tuple[Mended, ...]:
    """Each named item before and after, in the order asked for; files of a kind by name and digest."""
    return tuple(
        Mended(item.field, item.reason, _value(category, item.field, before), _value(category, item.field, after))
        for item in items
    )


def _value(category: Category, field: str, filed: Filed) -> Typed:
    if category.fact(field) is not None:
        return typed_in(filed.figures, {}).get(field, BLANK)
    return tuple(f"{file.name}（{file.sha256[:8]}）" for file in filed.files if file.kind == field)
