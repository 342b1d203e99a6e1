"""Scoring a case: exact, pure, and with an explanation for every item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from shared.kernel.canonical import plain_decimal
from shared.rulebook.figures import Figures, Json
from shared.rulebook.metrics import NotComputable
from shared.rulebook.scoring.card import Group, Scorecard
from shared.rulebook.scoring.explained import Explanation
from shared.rulebook.scoring.rule import ZERO, Case, Item, PoolKey, Population, Scored


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
            "items": {item: _points_json(points) for item, points in self.items.items()},
            "groups": {group: _points_json(points) for group, points in self.groups.items()},
            "total": _points_json(self.total),
            "reachable_max": _points_json(self.reachable_max),
            "vetoed": self.vetoed,
            "not_computable": list(self.not_computable),
            "explanations": {item: said.as_json() for item, said in self.explanations.items()},
        }


_points_json = lru_cache(maxsize=4096)(plain_decimal)  # points take few values


def population_of(card: Scorecard, cases: Iterable[Case]) -> Population:
    """The population that these cases form for every compared item; a veto does not end membership."""
    fields: dict[PoolKey, list[Fraction]] = {}
    for case in cases:
        for item in card.compared_items(case.variant):
            value = item.rule.pool_value(case)
            if isinstance(value, Fraction):
                fields.setdefault(item.rule.pool_key(item, case), []).append(value)
    return Population(fields)


def score_case(card: Scorecard, case: Case, population: Population) -> CaseResult:
    """Score a checked case.

    Raises:
        ValueError: a judged item is neither judged nor zeroed, or the case is not in its population.
        TypeError: a fact that a rule needs is missing; check the case first.
    """
    case = _with_option_defaults(card, case)
    sections = card.sections(case.variant)
    zeroed = card.zeroed(case.zero_conditions)
    explanations = {
        item.id: Explanation(card, group, item, case, _score_item(group, item, case, zeroed, population))
        for group, items in sections
        for item in items
    }
    points = {item: said.scored.points for item, said in explanations.items()}
    groups = {group.id: _of_group(group, [points[item.id] for item in items]) for group, items in sections}
    reachable = (_of_group(group, [_reachable(item, case, zeroed) for item in items]) for group, items in sections)
    open_items = tuple(item for item, said in explanations.items() if "not_computable" in said.applied)
    return CaseResult(
        case=case.id,
        items=points,
        groups=groups,
        total=_floored(card, sum(groups.values(), ZERO)),
        reachable_max=sum(reachable, ZERO),
        vetoed=bool(case.vetoes),
        not_computable=open_items,
        provisional=tuple(item for item in open_items if item not in case.overrides),
        explanations=explanations,
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


def explain(result: CaseResult) -> list[str]:
    """The path from figure to points, a line an item, in card order."""
    return [said.sentence for said in result.explanations.values()]


def _with_option_defaults(card: Scorecard, case: Case) -> Case:
    if all(option.id in case.options for option in card.options):
        return case
    return replace(case, options={**card.option_defaults(), **case.options})


def _score_item(group: Group, item: Item, case: Case, zeroed: Mapping[str, str], population: Population) -> Scored:
    given = case.judgements.get(item.id)
    if item.id in zeroed:
        inputs: dict[str, Json] = {"judgement": None if given is None else plain_decimal(given)}
        return Scored(ZERO, inputs, {"zero_condition": zeroed[item.id]})
    if group.mode == "any_of" and item.rule.judged and given is None:
        return Scored(ZERO, {"judgement": None}, {"claimed": False})
    scored = item.rule.apply(item, case, population)
    return _by_hand(item, case, scored) if isinstance(scored, NotComputable) else scored


def _by_hand(item: Item, case: Case, reason: NotComputable) -> Scored:
    override = case.overrides.get(item.id)
    applied: dict[str, Json] = {
        "not_computable": reason.value,
        "override": None if override is None else plain_decimal(override),
    }
    return Scored(override or ZERO, item.rule.inputs(case), applied)


def _of_group(group: Group, points: Sequence[Decimal]) -> Decimal:
    if group.mode == "any_of":
        return min(group.points, max(points, default=ZERO))
    return sum(points, ZERO)


def _floored(card: Scorecard, total: Decimal) -> Decimal:
    return total if card.floor is None else max(card.floor, total)


def _reachable(item: Item, case: Case, zeroed: Mapping[str, str]) -> Decimal:
    return ZERO if item.id in zeroed else item.rule.reachable(item, case)
