"""A score sheet: which items an expert judges, which are computed, and what may be written into it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.kernel.canonical import plain_decimal
from shared.kernel.refusals import FieldProblem
from shared.rulebook.models import Category, Fact
from shared.rulebook.scoring.card import Group, Scorecard, ZeroCondition
from shared.rulebook.scoring.judged import JudgedRule, Judgement
from shared.rulebook.scoring.rule import ZERO, Item

_HALF = Decimal("0.5")
_LARGEST_DIGIT = 15  # beyond it, either way, no remainder by a step needs to be worked out: it would be expanded


@dataclass(frozen=True, slots=True)
class ExpertItem:
    """A line an expert judges. ``any_of``: the group's id when its lines are alternatives (judge at least one)."""

    id: str
    name: str
    group: str
    group_name: str
    points: Decimal
    step: Decimal
    any_of: str | None
    allowed_values: tuple[Decimal, ...]
    allowed_ranges: tuple[tuple[Decimal, Decimal], ...]
    full_if: str | None
    thresholds: tuple[str, ...]
    evidence: tuple[str, ...]
    zero_conditions: tuple[ZeroCondition, ...]
    reason_if: str | None = None


def expert_items(card: Scorecard, variant: str | None) -> list[ExpertItem]:
    """The judged lines of the card of this variant, in printed order; the office's deductions are not among them."""
    return [
        _expert_item(card, group, item, item.rule)
        for group, item in card.lines(variant)
        if isinstance(item.rule, Judgement)
    ]


def _expert_item(card: Scorecard, group: Group, item: Item, rule: Judgement) -> ExpertItem:
    return ExpertItem(
        id=item.id,
        name=item.name,
        group=group.id,
        group_name=group.name,
        points=item.points,
        step=rule.step,
        any_of=group.id if group.mode == "any_of" else None,
        allowed_values=rule.allowed_values,
        allowed_ranges=rule.allowed_ranges,
        full_if=rule.full_if,
        thresholds=rule.thresholds,
        evidence=item.evidence,
        zero_conditions=tuple(zero for zero in card.zero_conditions if zero.item == item.id),
        reason_if=rule.reason_if,
    )


def computed_items(card: Scorecard, variant: str | None) -> list[Item]:
    """The lines that the rule computes from the form."""
    return [item for _, item in card.lines(variant) if not item.rule.judged]


def reference_facts(category: Category, item_id: str) -> list[Fact]:
    """The facts shown to the expert who judges this item."""
    return [fact for fact in category.facts if item_id in fact.used_by and fact.role == "reference"]


def check_sheet(
    card: Scorecard,
    variant: str | None,
    judgements: Mapping[str, object],
    zero_conditions: Sequence[str] = (),
    *,
    complete: bool = True,
) -> list[FieldProblem]:
    """Everything wrong with the numbers of a sheet; ``field`` is the item's (or group's) id.

    Args:
        complete: also report items that nobody judged; False while a sheet is being filled in.
    """
    faults = list(judgement_faults(card, variant, judgements))
    if complete:
        faults += missing_judgements(card, variant, judgements, zero_conditions)
    return [FieldProblem(item, code, _message(card, variant, item, code)) for item, code in faults]


def missing_reasons(
    card: Scorecard, variant: str | None, judgements: Mapping[str, Decimal], reasons: Mapping[str, str]
) -> list[FieldProblem]:
    """Items whose number must have a reason beside it and has none."""
    faults = []
    for item_id, given in judgements.items():
        item = card.item(item_id, variant)
        rule = item.rule if item is not None else None
        if item is None or not isinstance(rule, JudgedRule) or reasons.get(item_id, "").strip():
            continue
        if rule.wants_reason(given, item.points):
            faults.append(FieldProblem(item_id, "reason_needed", f"请说明“{item.name}”赋分的理由。"))
    return faults


def judgement_faults(
    card: Scorecard, variant: str | None, judgements: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    """Item id and code of each number that may not be given, in the order given."""
    for item_id, given in judgements.items():
        item = card.item(item_id, variant)
        code = "unknown_item" if item is None else _judgement_fault(item, given)
        if code is not None:
            yield item_id, code


def _judgement_fault(item: Item, given: object) -> str | None:
    if not isinstance(item.rule, JudgedRule):
        return "item_not_judged"
    if not isinstance(given, Decimal):
        return "wrong_type"
    return _number_fault(given) or item.rule.refuses(given, item.points)


def _number_fault(given: Decimal) -> str | None:
    if not given.is_finite():
        return "not_a_number"
    if given.adjusted() > _LARGEST_DIGIT or given < 0:
        return "out_of_range"
    return "not_a_step" if given and given.adjusted() < -_LARGEST_DIGIT else None


def missing_judgements(
    card: Scorecard, variant: str | None, judgements: Mapping[str, object], zero_conditions: Sequence[str] = ()
) -> Iterator[tuple[str, str]]:
    """Judged items that are neither judged nor zeroed, and any-of groups without any alternative."""
    zeroed = card.zeroed(zero_conditions)
    for group, items in card.sections(variant):
        unsettled = [item.id for item in items if not _settled(item, judgements, zeroed)]
        if group.mode != "any_of":
            yield from ((item, "missing_judgement") for item in unsettled)
        elif len(unsettled) == len(items):
            yield group.id, "missing_judgement"


def _settled(item: Item, judgements: Mapping[str, object], zeroed: Collection[str]) -> bool:
    return not isinstance(item.rule, Judgement) or item.id in judgements or item.id in zeroed


def override_faults(card: Scorecard, variant: str | None, overrides: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Item id and code of each decision by hand that cannot stand: 0 to the points, steps of 0.5, computed items."""
    for item_id, given in overrides.items():
        item = card.item(item_id, variant)
        code = "unknown_item" if item is None else _override_fault(item, given)
        if code is not None:
            yield item_id, code


def _override_fault(item: Item, given: object) -> str | None:
    if item.rule.judged:
        return "override_not_allowed"
    if not isinstance(given, Decimal):
        return "wrong_type"
    if fault := _number_fault(given):
        return fault
    if not ZERO <= given <= item.points:
        return "out_of_range"
    return "not_a_step" if given % _HALF else None


def check_overrides(card: Scorecard, variant: str | None, overrides: Mapping[str, object]) -> list[FieldProblem]:
    """Everything wrong with decisions by hand."""
    faults: Iterable[tuple[str, str]] = override_faults(card, variant, overrides)
    return [FieldProblem(item, code, _message(card, variant, item, code)) for item, code in faults]


def _message(card: Scorecard, variant: str | None, item_id: str, code: str) -> str:
    item = card.item(item_id, variant)
    group = next((group for group in card.groups if group.id == item_id), None)
    if item is None:
        return f"“{group.name}”至少须就其中一项赋分。" if group else f"计分表中没有“{item_id}”这一项。"
    highest = item.rule.highest(item.points) if isinstance(item.rule, JudgedRule) else item.points
    sentences = {
        "item_not_judged": f"“{item.name}”由规则计算，不由人赋分。",
        "override_not_allowed": f"“{item.name}”不属于须人工认定的项目。",
        "missing_judgement": f"请为“{item.name}”赋分。",
        "out_of_range": f"“{item.name}”的分值须在0至{plain_decimal(highest)}分之间。",
        "not_a_step": f"“{item.name}”须按规定步长赋分。",
        "not_allowed_value": f"“{item.name}”的分值不在允许的范围内。",
    }
    return sentences.get(code, f"“{item.name}”的分值应为数字。")
