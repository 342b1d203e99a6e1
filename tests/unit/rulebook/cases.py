"""Valid cases of any category, drawn from its rulebook: for properties, mutants and the benchmark."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from shared.rulebook import Category, Fact, expert_items
from shared.rulebook.sheets import ExpertItem

WHOLE = {"integer", "year"}
HALF = Decimal("0.5")


def valid_case(category: Category, random: Random, name: str, population: str | None = None) -> dict[str, Any]:
    """A case in the exchange format that the scorer takes, its numbers still decimals."""
    card = category.scorecard
    assert card is not None
    variant = random.choice([variant.id for variant in card.variants]) if card.variants else None
    case = {
        "case": name,
        "category": category.key,
        "variant": variant,
        "population": population,
        "facts": {fact.id: _figure(fact, random) for fact in category.facts if fact.required_in(variant)},
        "judgements": {item.id: _judgement(item, random) for item in expert_items(card, variant)},
        "zero_conditions": [zero.id for zero in card.zero_conditions if random.random() < 0.02],
        "vetoes": [veto.id for veto in card.vetoes if random.random() < 0.01],
    }
    return {key: value for key, value in case.items() if value is not None}


def _figure(fact: Fact, random: Random) -> Any:
    if fact.nullable and random.random() < 0.02:
        return None
    draw: dict[str, Callable[[], Any]] = {
        "boolean": lambda: random.random() < 0.5,
        "enum": lambda: _choice(fact, random),
        "text": lambda: "文字",
    }
    return draw.get(fact.type, lambda: _number(fact, random))()


def _choice(fact: Fact, random: Random) -> str | list[str]:
    values = [choice.value for choice in fact.allowed]
    return random.sample(values, random.randint(0, len(values))) if fact.multiple else random.choice(values)


def _number(fact: Fact, random: Random) -> Decimal:
    low, high = int(fact.min if fact.min is not None else -100), int(fact.max or (12 if fact.type in WHOLE else 10**6))
    if fact.type in WHOLE:
        return Decimal(random.randint(low, high))
    return Decimal(random.randint(low * 100, high * 100)).scaleb(-2)


def _judgement(item: ExpertItem, random: Random) -> Decimal:
    if item.allowed_values:
        return random.choice(item.allowed_values)
    low, high = random.choice(item.allowed_ranges) if item.allowed_ranges else (Decimal(0), item.points)
    return min(high, low + HALF * random.randint(0, int((high - low) / HALF)))


def json_line(value: Any) -> str:
    """JSON on one line; decimals as numbers, which the standard encoder cannot write."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_line(key)}:{json_line(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_line, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return (
        {True: "true", False: "false", None: "null"}[value]
        if value is None or value is True or value is False
        else str(value)
    )
