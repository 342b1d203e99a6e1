"""A form that several windows and people write at once: what is typed is merged field by field, nothing is lost.

A change says what the person saw and what stands there now, so that merging needs no history: a field that is still as
it was seen is taken over, one that somebody else has changed meanwhile is a clash, which the person decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from shared.kernel.refusals import FieldProblem, Refusal
from shared.rulebook import Category, Fact, Figure, as_json, check_figures, read_figures

Typed: TypeAlias = tuple[str, ...]
"""What stands in a field: nothing, one text, or the chosen options in order of their ids."""

BLANK: Typed = ()


@dataclass(frozen=True)
class Change:
    """What a person saw in a field and what stands there now."""

    field: str
    was: Typed
    now: Typed


@dataclass(frozen=True)
class Clash:
    """A field that two have changed: what this person typed, and what is kept."""

    field: str
    mine: Typed
    theirs: Typed


@dataclass(frozen=True)
class Merged:
    """What of the changes is taken over, by field, and what the person must decide."""

    taken: dict[str, Typed]
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class SortedOut:
    """Typed values that are figures, as JSON, and those that cannot be (kept as they were typed)."""

    figures: dict[str, object]
    unsound: dict[str, list[str]]


def as_typed(values: Iterable[str]) -> Typed:
    """What was typed without the blanks around it; a browser's line ends become plain ones."""
    texts = (value.replace("\r\n", "\n").strip() for value in values)
    return tuple(sorted(text for text in texts if text))


def merge(kept: Mapping[str, Typed], changes: Iterable[Change]) -> Merged:
    """Three-way merge of each field: seen, typed, kept. A field that was not touched never overwrites."""
    taken: dict[str, Typed] = {}
    clashes: list[Clash] = []
    for change in changes:
        current = taken.get(change.field, kept.get(change.field, BLANK))
        if change.now in (current, change.was):
            continue
        if current == change.was:
            taken[change.field] = change.now
        else:
            clashes.append(Clash(change.field, change.now, current))
    return Merged(taken, tuple(clashes))


def typed_in(entered: Mapping[str, object], unsound: Mapping[str, Iterable[str]]) -> dict[str, Typed]:
    """What stands in each field of a kept form; what could not be read stands as it was typed."""
    typed = {fact_id: _as_shown(value) for fact_id, value in entered.items()}
    return typed | {fact_id: tuple(texts) for fact_id, texts in unsound.items()}


def _as_shown(value: object) -> Typed:
    if isinstance(value, list):
        return tuple(sorted(str(each) for each in value))
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return BLANK if value is None or value == "" else (str(value),)


def sort_out(category: Category, taken: Mapping[str, Typed]) -> SortedOut:
    """Figures among what was typed, each right in itself, and what cannot be one; blank fields are in neither.

    Raises:
        Refusal: ``unknown_fact``, a field that the applicant does not fill in.
    """
    figures: dict[str, object] = {}
    unsound: dict[str, list[str]] = {}
    for field, typed in taken.items():
        figure, problem = _read(_own_fact(category, field), category, typed)
        if problem is not None:
            unsound[field] = list(typed)
        elif typed:
            figures[field] = as_json(figure)
    return SortedOut(figures, unsound)


def as_kept(category: Category, change: Change) -> Change:
    """The change as the form keeps it (``1800.50`` becomes ``1800.5``), so that a repeat is seen as one."""
    fact = _own_fact(category, change.field)
    return Change(change.field, _kept(fact, category, change.was), _kept(fact, category, change.now))


def _kept(fact: Fact, category: Category, typed: Typed) -> Typed:
    figure, problem = _read(fact, category, typed)
    return typed if problem is not None else _as_shown(as_json(figure))


def _own_fact(category: Category, field: str) -> Fact:
    fact = category.fact(field)
    if fact is None or fact.filled_by != "applicant":
        raise Refusal("unknown_fact", f"申报表中没有由您填写的“{field}”这一项。", field=field)
    return fact


def _read(fact: Fact, category: Category, typed: Typed) -> tuple[Figure, FieldProblem | None]:
    if not typed:
        return None, None
    raw: object = list(typed) if fact.multiple or len(typed) > 1 else typed[0]
    read = read_figures(category, {fact.id: raw})
    problems = read.problems or [
        one for one in check_figures(category, None, read.figures, filled_by="applicant") if one.code != "missing_fact"
    ]
    return read.figures.get(fact.id), problems[0] if problems else None


def problems_of(category: Category, unsound: Mapping[str, Iterable[str]]) -> list[FieldProblem]:
    """What is wrong with each value that could not be read."""
    found = (_read(_own_fact(category, field), category, tuple(typed))[1] for field, typed in unsound.items())
    return [problem for problem in found if problem is not None]


def left_blank(category: Category, variant: str | None, entered: Mapping[str, object]) -> dict[str, object]:
    """What handing in says of the required fields left blank: the figure does not exist, no option applies."""
    blank = [
        fact for fact in category.required_facts(variant) if fact.filled_by == "applicant" and fact.id not in entered
    ]
    return {fact.id: [] if fact.multiple else None for fact in blank if fact.multiple or fact.nullable}


def options_of(fact: Fact) -> tuple[tuple[str, str], ...]:
    """What may be chosen in a field, with its wording; a yes or no is chosen too."""
    if fact.type == "boolean":
        return (("true", "是"), ("false", "否"))
    return tuple((choice.value, choice.label) for choice in fact.allowed)


def for_reading(typed: Typed, options: Sequence[tuple[str, str]], unit: str | None) -> str:
    """What stands in a field for reading: labels instead of ids, the unit behind."""
    labels = dict(options)
    text = "、".join(labels.get(each, each) for each in typed)
    if not text:
        return "—"
    return text + (f" {unit}" if unit and not options else "")
