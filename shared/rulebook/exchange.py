"""The exchange format of the scorer: cases as JSON Lines in, results or errors as JSON values out, line for line.

Numbers are read as decimals and an exponent is never expanded. A bad line is answered with its errors; the others are
still scored.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import Any

from shared.rulebook.figures import Figure, Json
from shared.rulebook.forms import fact_faults
from shared.rulebook.metrics import NotComputable
from shared.rulebook.models import Category, Rulebook
from shared.rulebook.scoring.card import Scorecard
from shared.rulebook.scoring.rule import ALONE, Case, Population
from shared.rulebook.scoring.score import CaseResult, population_of, score_case
from shared.rulebook.sheets import judgement_faults, missing_judgements, override_faults

_FIELDS = (
    "case",
    "category",
    "variant",
    "population",
    "facts",
    "judgements",
    "zero_conditions",
    "vetoes",
    "overrides",
    "options",
)
_BLANK = " \t\r\n"
_BYTE_ORDER_MARK = "\ufeff"
_SHORT = 30
_BEYOND = 1000
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)

_MESSAGES = {
    "bad_json": "这一行不是合法的 JSON，或有重复的键。",
    "not_an_object": "这一行应为一个 JSON 对象。",
    "missing_field": "缺少这一项。",
    "unknown_field": "没有这一项。",
    "wrong_type": "类型不符。",
    "duplicate_case": "案号与前面的行重复。",
    "unknown_category": "没有这个发布项目。",
    "missing_variant": "须写明类型。",
    "unknown_variant": "没有这种类型。",
    "unknown_fact": "表中没有这一项。",
    "unknown_item": "计分表中没有这一项。",
    "unknown_zero_condition": "没有这种零分情形。",
    "unknown_veto": "没有这种否决情形。",
    "unknown_option": "没有这个选项。",
    "item_not_judged": "此项由规则计算，不由人赋分。",
    "override_not_allowed": "此项不能人工认定。",
    "missing_fact": "缺少计分所需的事实。",
    "missing_judgement": "缺少赋分。",
    "not_a_number": "不是数。",
    "out_of_range": "超出允许的范围。",
    "not_a_step": "不合规定的步长。",
    "not_allowed_value": "不是允许的取值。",
}


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with one field of a line, or with the line itself."""

    field: str | None
    code: str

    @property
    def sentence(self) -> str:
        """The code for people."""
        return _MESSAGES[self.code]


@dataclass(frozen=True, slots=True)
class _Good:
    """A line that can be scored; ``pool``: the population it must wait for."""

    category: Category
    card: Scorecard
    case: Case
    pool: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class ScoredLine:
    """The result of a line, in its category."""

    category: Category
    result: CaseResult

    def as_json(self) -> dict[str, Json]:
        """The answer to a good line."""
        return self.result.as_json()


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be scored, and why. ``line`` counts from 1, blank lines too."""

    line: int
    case: str | None
    errors: tuple[LineError, ...]

    def as_json(self) -> dict[str, Json]:
        """The answer to a bad line."""
        errors: list[Json] = [
            {"field": error.field, "code": error.code, "message": f"第{self.line}行：{error.sentence}"}
            for error in self.errors
        ]
        return {"case": self.case, "errors": errors}


def scored_categories(rulebook: Rulebook) -> dict[str, Category]:
    """The categories that have a scorecard, by key."""
    return {category.key: category for category in rulebook.categories if category.scorecard is not None}


def scorecard_of(category: Category) -> Scorecard:
    """The scorecard of a category that has one.

    Raises:
        ValueError: it has none.
    """
    if category.scorecard is None:
        raise ValueError(f"category {category.key} has no scorecard")
    return category.scorecard


def score_lines(categories: Mapping[str, Category], lines: Iterable[str]) -> Iterator[dict[str, Json]]:
    """Answer every line that is not blank, in order: a result, or the errors of the first step that found any.

    Lines are answered as they come until one must wait for its population, which is whole only after the last line.
    """
    return (answer.as_json() for answer in answer_lines(categories, lines))


def answer_lines(categories: Mapping[str, Category], lines: Iterable[str]) -> Iterator[ScoredLine | BadLine]:
    """The same as objects, whose explanations can be read as sentences."""
    waiting: list[_Good | BadLine] = []
    for read in _read_lines(categories, lines):
        if waiting or (isinstance(read, _Good) and read.pool is not None):
            waiting.append(read)
        else:
            yield _answer(read, {})
    pools = _populations(waiting)
    for read in waiting:
        yield _answer(read, pools)


def _read_lines(categories: Mapping[str, Category], lines: Iterable[str]) -> Iterator[_Good | BadLine]:
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        if text.strip(_BLANK):
            yield _read_line(categories, number, text, seen)


def _answer(read: _Good | BadLine, pools: Mapping[tuple[str, str], Population]) -> ScoredLine | BadLine:
    if isinstance(read, BadLine):
        return read
    population = ALONE if read.pool is None else pools[read.pool]
    return ScoredLine(read.category, score_case(read.card, read.case, population))


def _populations(read: Iterable[_Good | BadLine]) -> dict[tuple[str, str], Population]:
    members: dict[tuple[str, str], list[_Good]] = {}
    for line in read:
        if isinstance(line, _Good) and line.pool is not None:
            members.setdefault(line.pool, []).append(line)
    return {pool: population_of(lines[0].card, [line.case for line in lines]) for pool, lines in members.items()}


def _read_line(categories: Mapping[str, Category], number: int, line: str, seen: set[str]) -> _Good | BadLine:
    try:
        value = _parse(line)
    except (ValueError, RecursionError):
        return BadLine(number, None, (LineError(None, "bad_json"),))
    if not isinstance(value, dict):
        return BadLine(number, None, (LineError(None, "not_an_object"),))
    name = value.get("case")
    case_id = name if isinstance(name, str) and name else None
    errors = tuple(_envelope_errors(categories, value, seen))
    if case_id is not None:
        seen.add(case_id)
    if errors:
        return BadLine(number, case_id, errors)
    category = categories[value["category"]]
    card = scorecard_of(category)
    case = _case(card, value)
    errors = tuple(_content_errors(category, card, case)) or tuple(_settled_by_rule(card, case))
    return BadLine(number, case_id, errors) if errors else _good(category, card, case, value.get("population"))


def _good(category: Category, card: Scorecard, case: Case, population: str | None) -> _Good:
    if population is None or not card.compared_items(case.variant):
        return _Good(category, card, case, None)
    return _Good(category, card, case, (category.key, population))


def _parse(line: str) -> Any:
    return json.loads(
        line,
        parse_int=_decimal,
        parse_float=_decimal,
        parse_constant=lambda _: Decimal("NaN"),
        object_pairs_hook=_object,
    )


def _decimal(text: str) -> Decimal:
    """The exact number without trailing zeros, so that what passes the checks is short: no exponent is expanded."""
    if len(text) <= _SHORT and "e" not in text and "E" not in text:
        return Decimal(text)
    try:
        return Decimal(text).normalize(_EXACT)
    except InvalidOperation:
        return _beyond(*text.lower().split("e"))


def _beyond(digits: str, exponent: str) -> Decimal:
    """A stand-in for a number whose exponent no decimal can hold: as refused as the number itself."""
    if not any(digit in "123456789" for digit in digits):
        return Decimal(0)
    sign = "-" if digits.startswith("-") else ""
    return Decimal(f"{sign}1e{'-' if exponent.startswith('-') else ''}{_BEYOND}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("repeated key")
    return result


def _envelope_errors(categories: Mapping[str, Category], value: dict[str, Any], seen: set[str]) -> Iterator[LineError]:
    for name in value:
        code = "unknown_field" if name not in _FIELDS else _field_fault(categories, name, value, seen)
        if code is not None:
            yield LineError(name, code)
    for name in ("case", "category"):
        if name not in value:
            yield LineError(name, "missing_field")
    category = _category_of(categories, value)
    if "variant" not in value and category is not None and category.variants:
        yield LineError("variant", "missing_variant")


def _category_of(categories: Mapping[str, Category], value: dict[str, Any]) -> Category | None:
    key = value.get("category")
    return categories.get(key) if isinstance(key, str) else None


def _field_fault(categories: Mapping[str, Category], name: str, value: dict[str, Any], seen: set[str]) -> str | None:
    given = value[name]
    if name == "variant":
        return _variant_fault(_category_of(categories, value), given)
    if not _has_type(name, given):
        return "wrong_type"
    if name == "case" and given in seen:
        return "duplicate_case"
    return "unknown_category" if name == "category" and given not in categories else None


def _has_type(name: str, given: object) -> bool:
    match name:
        case "case":
            return isinstance(given, str) and given != ""
        case "category":
            return isinstance(given, str)
        case "population":
            return given is None or isinstance(given, str)
        case "zero_conditions" | "vetoes":
            return isinstance(given, list) and all(isinstance(part, str) for part in given)
    content: type = {"judgements": Decimal, "overrides": Decimal, "options": str}.get(name, object)
    return isinstance(given, dict) and all(isinstance(part, content) for part in given.values())


def _variant_fault(category: Category | None, given: object) -> str | None:
    if category is None:
        return None
    if given is None:
        return "missing_variant" if category.variants else None
    if not isinstance(given, str):
        return "wrong_type"
    return None if given in {variant.id for variant in category.variants} else "unknown_variant"


def _case(card: Scorecard, value: dict[str, Any]) -> Case:
    return Case(
        id=value["case"],
        variant=value.get("variant"),
        facts={fact: _figure(given) for fact, given in value.get("facts", {}).items()},
        judgements=value.get("judgements", {}),
        zero_conditions=tuple(dict.fromkeys(value.get("zero_conditions", ()))),
        vetoes=tuple(dict.fromkeys(value.get("vetoes", ()))),
        overrides=value.get("overrides", {}),
        options={**card.option_defaults(), **value.get("options", {})},
    )


def _figure(given: Any) -> Figure:
    """Arrays as tuples; what no fact can be (an object) stays as it is and fails the check of its type."""
    figure: Figure = tuple(given) if isinstance(given, list) else given
    return figure


def _content_errors(category: Category, card: Scorecard, case: Case) -> Iterator[LineError]:
    yield from _named("facts", fact_faults(category, case.variant, case.facts, scoring=True))
    yield from _named("judgements", judgement_faults(card, case.variant, case.judgements))
    missing = missing_judgements(card, case.variant, case.judgements, case.zero_conditions)
    yield from _named("judgements", missing)
    yield from _named("overrides", override_faults(card, case.variant, case.overrides))
    zeros = {zero.id for zero in card.zero_conditions}
    vetoes = {veto.id for veto in card.vetoes}
    unknown_zeros = ((given, "unknown_zero_condition") for given in case.zero_conditions if given not in zeros)
    yield from _named("zero_conditions", unknown_zeros)
    yield from _named("vetoes", ((given, "unknown_veto") for given in case.vetoes if given not in vetoes))
    yield from _named("options", _option_faults(card, case.options))


def _option_faults(card: Scorecard, options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    allowed = {option.id: option.allowed for option in card.options}
    for name, chosen in options.items():
        if name not in allowed:
            yield name, "unknown_option"
        elif chosen not in allowed[name]:
            yield name, "not_allowed_value"


def _named(section: str, faults: Iterable[tuple[str, str]]) -> Iterator[LineError]:
    return (LineError(f"{section}.{name}", code) for name, code in faults)


def _settled_by_rule(card: Scorecard, case: Case) -> Iterator[LineError]:
    """Decisions by hand for items that the rule can compute."""
    for item_id in case.overrides:
        item = card.item(item_id, case.variant)
        if item is not None and not isinstance(item.rule.apply(item, case, ALONE), NotComputable):
            yield LineError(f"overrides.{item_id}", "override_not_allowed")
