"""The form of a category: reading what was filed and checking it. One problem a field, the first that fits."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.kernel.canonical import plain_decimal
from shared.kernel.refusals import FieldProblem
from shared.rulebook.figures import Figure, Figures
from shared.rulebook.models import Category, Fact

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,12})?", re.ASCII)
_LIMIT = Decimal(10) ** 15
_FINEST = Decimal("0.000001")
_TEXT_LIMIT = 2000
_NUMBERS = {"number", "integer", "money_10k_cny", "percent", "year"}
_WHOLE = {"integer", "year"}


@dataclass(frozen=True, slots=True)
class ReadFigures:
    """What could be read from a filing, and what could not."""

    figures: dict[str, Figure]
    problems: list[FieldProblem]


def read_figures(category: Category, raw: Mapping[str, object]) -> ReadFigures:
    """Turn JSON or form values into exact figures: ``12.50`` or ``"12.50"`` for numbers, lists for multiple choices.

    A value that cannot be read stays out of the figures and becomes a problem; nothing is guessed or rounded.
    """
    figures: dict[str, Figure] = {}
    problems: list[FieldProblem] = []
    for fact_id, value in raw.items():
        fact = category.fact(fact_id)
        try:
            figures[fact_id] = _read(fact, value)
        except ValueError:
            problems.append(FieldProblem(fact_id, "wrong_type", _message("wrong_type", fact, fact_id)))
    return ReadFigures(figures, problems)


def _read(fact: Fact | None, value: object) -> Figure:
    if value is None or value == "":
        return None
    if fact is not None and fact.type in _NUMBERS:
        return _read_number(value)
    if fact is not None and fact.type == "boolean" and isinstance(value, str):
        return _read_yes_no(value)
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if isinstance(value, bool | str):
        return value
    return _read_number(value)


_YES_NO = {"true": True, "false": False, "是": True, "否": False}


def _read_yes_no(value: str) -> bool:
    if value not in _YES_NO:
        raise ValueError("neither yes nor no")
    return _YES_NO[value]


def _read_number(value: object) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite() and abs(value) < _LIMIT * 10:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    raise ValueError("not a number")


def check_figures(
    category: Category, variant: str | None, figures: Figures, *, filled_by: str | None = None
) -> list[FieldProblem]:
    """Everything wrong with the figures of a case; ``field`` is the fact's id.

    Args:
        filled_by: only look at the facts that this party fills in (``applicant``, ``office``, ``intake``).
    """
    faults = [*fact_faults(category, variant, figures, filled_by=filled_by), *_too_long(category, figures)]
    return [FieldProblem(fact_id, code, _message(code, category.fact(fact_id), fact_id)) for fact_id, code in faults]


def fact_faults(
    category: Category, variant: str | None, figures: Figures, *, filled_by: str | None = None, scoring: bool = False
) -> Iterator[tuple[str, str]]:
    """Fact id and code of each fault: those given, in the order given, then those missing, in form order.

    ``scoring``: as the scorer sees a case, without the facts that only consistency checks compare.
    """
    for fact_id, value in figures.items():
        fact = category.fact(fact_id)
        known = fact is not None and _of(fact, filled_by) and not (scoring and fact.role == "crosscheck")
        code = value_fault(fact, value) if fact is not None and known else "unknown_fact"
        if code is not None:
            yield fact_id, code
    for fact in category.required_facts(variant):
        if fact.id not in figures and _of(fact, filled_by):
            yield fact.id, "missing_fact"


def _too_long(category: Category, figures: Figures) -> Iterator[tuple[str, str]]:
    """Texts beyond what a form takes; the scorer, which reads none of them, has no limit."""
    for fact in category.facts:
        value = figures.get(fact.id)
        if fact.type == "text" and isinstance(value, str) and len(value) > _TEXT_LIMIT:
            yield fact.id, "out_of_range"


def _of(fact: Fact, filled_by: str | None) -> bool:
    return filled_by is None or fact.filled_by == filled_by


def value_fault(fact: Fact, value: object) -> str | None:
    """The code of what is wrong with one value, or None."""
    if value is None:
        return None if fact.nullable else "wrong_type"
    if isinstance(value, Decimal) and not value.is_finite():
        return "not_a_number"
    if fact.type in _NUMBERS:
        return _number_fault(fact, value)
    if fact.type == "boolean":
        return None if isinstance(value, bool) else "wrong_type"
    if fact.type == "enum":
        return _choice_fault(fact, value)
    return None if isinstance(value, str) else "wrong_type"


def _number_fault(fact: Fact, value: object) -> str | None:
    if not isinstance(value, Decimal):
        return "wrong_type"
    if fact.type in _WHOLE and value != value.to_integral_value():
        return "wrong_type"
    low, high = fact.min, fact.max
    if not -_LIMIT < value < _LIMIT or (low is not None and value < low) or (high is not None and value > high):
        return "out_of_range"
    return None if value == value.quantize(_FINEST) else "out_of_range"


def _choice_fault(fact: Fact, value: object) -> str | None:
    allowed = fact.choices
    if not fact.multiple:
        if not isinstance(value, str):
            return "wrong_type"
        return None if value in allowed else "not_allowed_value"
    if not isinstance(value, tuple | list) or not all(isinstance(part, str) for part in value):
        return "wrong_type"
    return None if set(value) <= allowed and len(set(value)) == len(value) else "not_allowed_value"


_KIND_WORDS = {
    "integer": "整数（只写阿拉伯数字）",
    "year": "四位年份",
    "boolean": "“是”或“否”",
    "enum": "所列选项",
    "text": "文字",
}


def _message(code: str, fact: Fact | None, fact_id: str) -> str:
    if fact is None:
        return f"申报表中没有“{fact_id}”这一项。"
    match code:
        case "unknown_fact":
            return f"“{fact.label}”不由您填写。"
        case "missing_fact":
            return f"请填写“{fact.label}”。"
        case "out_of_range":
            return f"“{fact.label}”{_range_words(fact)}。"
        case "not_allowed_value":
            return f"“{fact.label}”只能从所列选项中选择，不得重复。"
        case _:
            kind = _KIND_WORDS.get(fact.type, "数字（只写阿拉伯数字和小数点，不写单位或百分号）")
            return f"“{fact.label}”应为{kind}。"


def _range_words(fact: Fact) -> str:
    if fact.type == "text":
        return f"不得超过{_TEXT_LIMIT}字"
    unit = fact.unit or ""
    low = "" if fact.min is None else f"不得小于{plain_decimal(fact.min)}{unit}，"
    high = "" if fact.max is None else f"不得大于{plain_decimal(fact.max)}{unit}，"
    return f"{low}{high}小数不超过6位，整数部分不超过15位"
