"""Scoring a case: exact, pure, and with an explanation for every item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from shared.kernel.canonical import plain_decimal
from shared.rulebook.figures import Figures, Json
from shared.rulebook.metrics import REASONS, NotComputable
from shared.rulebook.scoring.card import Group, Scorecard
from shared.rulebook.scoring.rule import ZERO, Case, Item, PoolKey, Population, Scored, points_text


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an item came to its points; ``words`` is the same for people."""

    rule: str
    article_or_attachment: str
    inputs: Mapping[str, Json]
    applied: Mapping[str, Json]
    item_name: str
    group_name: str
    words: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of one case. ``provisional`` names items that still wait for a decision by hand."""

    case: str
    items: Mapping[str, Decimal]
    groups: Mapping[str, Decimal]
    total: Decimal
    reachable_max: Decimal
    vetoed: bool
    not_computable: tuple[str, ...]
    provisional: tuple[str, ...]
    explanations: Mapping[str, Explanation]

    def as_json(self) -> dict[str, Json]:
        """The result in the exchange format, decimals as plain strings."""
        return {
            "case": self.case,
            "items": {item: plain_decimal(points) for item, points in self.items.items()},
            "groups": {group: plain_decimal(points) for group, points in self.groups.items()},
            "total": plain_decimal(self.total),
            "reachable_max": plain_decimal(self.reachable_max),
            "vetoed": self.vetoed,
            "not_computable": list(self.not_computable),
            "explanations": {item: _explanation_json(said) for item, said in self.explanations.items()},
        }


def _explanation_json(said: Explanation) -> dict[str, Json]:
    return {
        "rule": said.rule,
        "article_or_attachment": said.article_or_attachment,
        "inputs": dict(said.inputs),
        "applied": dict(said.applied),
    }


def population_of(card: Scorecard, cases: Iterable[Case]) -> Population:
    """The population that these cases form for every compared item; a veto does not end membership."""
    fields: dict[PoolKey, list[Fraction]] = {}
    for case in cases:
        for _, item in card.lines(case.variant):
            key = item.rule.pool_key(item, case)
            value = None if key is None else item.rule.pool_value(case)
            if key is not None and isinstance(value, Fraction):
                fields.setdefault(key, []).append(value)
    return Population({key: tuple(sorted(values)) for key, values in fields.items()})


def score_case(card: Scorecard, case: Case, population: Population) -> CaseResult:
    """Score a checked case.

    Raises:
        ValueError: a judged item is neither judged nor zeroed, or the case is not in its population.
        TypeError: a fact that a rule needs is missing; check the case first.
    """
    case = _with_option_defaults(card, case)
    lines = [
        (group, item, _score_item(card, group, item, case, population)) for group, item in card.lines(case.variant)
    ]
    items = {item.id: said.points for _, item, said in lines}
    groups = {group.id: _group_points(group, case.variant, items) for group in card.groups}
    open_items = tuple(item.id for _, item, said in lines if "not_computable" in said.applied)
    return CaseResult(
        case=case.id,
        items=items,
        groups=groups,
        total=_floored(card, sum(groups.values(), ZERO)),
        reachable_max=sum((_reachable(card, group, case) for group in card.groups), ZERO),
        vetoed=bool(case.vetoes),
        not_computable=open_items,
        provisional=tuple(item for item in open_items if item not in case.overrides),
        explanations={item.id: _explained(card, group, item, said) for group, item, said in lines},
    )


def combine_sheet(
    card: Scorecard,
    variant: str | None,
    facts: Figures,
    population: Population,
    judgements: Mapping[str, Decimal],
    zero_conditions: Sequence[str] = (),
    vetoes: Sequence[str] = (),
    overrides: Mapping[str, Decimal] | None = None,
) -> CaseResult:
    """One expert's sheet: the computed items of the case with this expert's judgements."""
    case = Case("", variant, facts, judgements, tuple(zero_conditions), tuple(vetoes), overrides or {})
    return score_case(card, case, population)


def mean(totals: Sequence[Decimal]) -> Fraction:
    """The exact plain mean of valid sheets; rounded only for showing."""
    return sum((Fraction(total) for total in totals), Fraction(0)) / len(totals)


def explain(result: CaseResult) -> list[str]:
    """The path from figure to points, a line an item, in card order."""
    return [_line(item, said, result.items[item]) for item, said in result.explanations.items()]


def _line(item: str, said: Explanation, points: Decimal) -> str:
    return f"{said.item_name} {said.words} → {points_text(points)}（{said.article_or_attachment}，{said.group_name}）"


def _with_option_defaults(card: Scorecard, case: Case) -> Case:
    if not card.options:
        return case
    return replace(case, options={**card.option_defaults(), **case.options})


def _score_item(card: Scorecard, group: Group, item: Item, case: Case, population: Population) -> Scored:
    given = case.judgements.get(item.id)
    zero = _zero_condition(card, item, case)
    if zero is not None:
        inputs: dict[str, Json] = {"judgement": None if given is None else plain_decimal(given)}
        return Scored(ZERO, inputs, {"zero_condition": zero[0]}, f"{zero[1]}，本项计0分")
    if group.mode == "any_of" and item.rule.judged and given is None:
        return Scored(ZERO, {"judgement": None}, {"claimed": False}, "未申报此项")
    scored = item.rule.apply(item, case, population)
    return _by_hand(item, case, scored) if isinstance(scored, NotComputable) else scored


def _zero_condition(card: Scorecard, item: Item, case: Case) -> tuple[str, str] | None:
    labels = card.zero_labels(item.id)
    return next(((given, labels[given]) for given in case.zero_conditions if given in labels), None)


def _by_hand(item: Item, case: Case, reason: NotComputable) -> Scored:
    override = case.overrides.get(item.id)
    applied: dict[str, Json] = {
        "not_computable": reason.value,
        "override": None if override is None else plain_decimal(override),
    }
    decision = "待人工认定，暂计0分" if override is None else "人工认定"
    return Scored(override or ZERO, item.rule.inputs(case), applied, f"无法计算（{REASONS[reason]}），{decision}")


def _group_points(group: Group, variant: str | None, items: Mapping[str, Decimal]) -> Decimal:
    points = [items[item.id] for item in group.items_for(variant)]
    if group.mode == "any_of":
        return min(group.points, max(points, default=ZERO))
    return sum(points, ZERO)


def _floored(card: Scorecard, total: Decimal) -> Decimal:
    return total if card.floor is None else max(card.floor, total)


def _reachable(card: Scorecard, group: Group, case: Case) -> Decimal:
    most = [
        ZERO if _zero_condition(card, item, case) else item.rule.reachable(item, case)
        for item in group.items_for(case.variant)
    ]
    if group.mode == "any_of":
        return min(group.points, max(most, default=ZERO))
    return sum(most, ZERO)


def _explained(card: Scorecard, group: Group, item: Item, said: Scored) -> Explanation:
    return Explanation(item.rule.kind, card.attachment, said.inputs, said.applied, item.name, group.name, said.words)
