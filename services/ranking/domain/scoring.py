"""Scoring cases by the rule: what a dossier says becomes a case of the rulebook, and its result a dossier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from shared.contracts.dossiers import ApplicationDossier, ReviewDossier, SheetRecord
from shared.kernel.canonical import digest, plain_decimal
from shared.kernel.refusals import Refusal
from shared.rulebook import (
    Case,
    CaseResult,
    Category,
    Population,
    Rulebook,
    Scorecard,
    Step,
    check_figures,
    check_overrides,
    check_sheet,
    population_of,
    read_figures,
    score_case,
    steps,
)

RULE = "按规则计分"


class NotScorable(Refusal):
    """A dossier's figures cannot be read under the rulebook: its owner must correct it before it is scored."""

    def __init__(self, number: str, message: str) -> None:
        super().__init__("not_scorable", f"{number}：{message}")


@dataclass(frozen=True)
class ByHand:
    """What the office decided for a case: points for items that cannot be computed, and deductions."""

    overrides: Mapping[str, Decimal] = field(default_factory=dict)
    judgements: Mapping[str, Decimal] = field(default_factory=dict)


def scorecard_of(category: Category) -> Scorecard:
    """The category's scorecard; a category without one has nothing to be scored."""
    if category.scorecard is None:
        raise Refusal("no_scorecard", f"“{category.name}”没有计分表。")
    return category.scorecard


def options_of(rulebook: Rulebook, card: Scorecard) -> dict[str, str]:
    """The readings that a confirmed or shipped setting of the same name chose; the card's default otherwise."""
    chosen = {setting.id: setting.chosen for setting in rulebook.settings}
    return {option.id: chosen[option.id] for option in card.options if chosen.get(option.id) in option.allowed}


def case_of(category: Category, dossier: ApplicationDossier, by_hand: ByHand, options: Mapping[str, str]) -> Case:
    """A dossier as a case of the rulebook, with what was decided by hand."""
    read = read_figures(category, dossier.figures)
    problems = [*read.problems, *check_figures(category, dossier.variant, read.figures)]
    for problem in problems:
        if (fact := category.fact(problem.field)) is not None and fact.role == "score":
            raise NotScorable(dossier.number, problem.message)
    return Case(
        id=dossier.number,
        variant=dossier.variant,
        facts=read.figures,
        judgements=by_hand.judgements,
        zero_conditions=dossier.zero_conditions,
        vetoes=dossier.vetoes,
        overrides=by_hand.overrides,
        options=options,
    )


def score_all(
    rulebook: Rulebook, category: Category, dossiers: Sequence[ApplicationDossier], by_hand: Mapping[UUID, ByHand]
) -> dict[UUID, CaseResult]:
    """Score every case against the population that all of them form; what fell later stays in the population."""
    card = scorecard_of(category)
    options = options_of(rulebook, card)
    cases = {one.case_id: case_of(category, one, by_hand.get(one.case_id, ByHand()), options) for one in dossiers}
    population = population_of(card, cases.values())
    return {case_id: score_case(card, case, population) for case_id, case in cases.items()}


def check_override(card: Scorecard, variant: str | None, result: Mapping[str, Any], item: str, points: Decimal) -> None:
    """Refuse a decision by hand on an item that the rule can compute, or outside 0 to the item's points."""
    if item not in result["not_computable"]:
        raise Refusal("override_not_allowed", "这一项可由规则计算或不在计分表中，不能人工认定。", field="item")
    _refuse_first(check_overrides(card, variant, {item: points}))


def check_judgement(card: Scorecard, variant: str | None, item: str, points: Decimal) -> None:
    """Refuse a judged number (such as a deduction) that the item does not allow."""
    _refuse_first(check_sheet(card, variant, {item: points}, complete=False))


def _refuse_first(problems: Sequence[Any]) -> None:
    if problems:
        first = problems[0]
        raise Refusal(first.code, first.message, field="points" if first.code != "unknown_item" else "item")


def result_json(category: Category, result: CaseResult) -> dict[str, Any]:
    """A result as it is kept: the exchange format, with the words for people and the items that are still open."""
    said = result.as_json()
    words = {step.item: _words(step) for step in steps(category, result)}
    return {**said, "words": words, "provisional": list(result.provisional)}


def _words(step: Step) -> dict[str, Any]:
    return {
        "item_name": step.name,
        "group_name": step.group,
        "words": step.words,
        "sentence": step.sentence,
        "readings": [f"{reading.label} {reading.value}" for reading in step.readings],
    }


def review_dossier(
    dossier: ApplicationDossier, application_digest: str, result: Mapping[str, Any], by_hand: ByHand
) -> ReviewDossier:
    """The result of an evaluation in the shape in which a review hands its cases over: the mean of one sheet."""
    total = Fraction(Decimal(result["total"]))
    sheet = SheetRecord(
        expert=RULE,
        sheet_digest=digest(result),
        judgements={item: plain_decimal(points) for item, points in by_hand.judgements.items()},
        items=dict(result["items"]),
        total=result["total"],
    )
    return ReviewDossier(
        case_id=dossier.case_id,
        number=dossier.number,
        application_digest=application_digest,
        subject=dossier.subject,
        variant=dossier.variant,
        mean_numerator=total.numerator,
        mean_denominator=total.denominator,
        sheets=(sheet,),
        vetoed=bool(result["vetoed"]),
        not_computable=tuple(result["not_computable"]),
    )


def unscored_dossier(dossier: ApplicationDossier, application_digest: str) -> ReviewDossier:
    """A case that no stage scores: no sheet, and a mean of 0 that nothing shows or compares."""
    return ReviewDossier(
        case_id=dossier.case_id,
        number=dossier.number,
        application_digest=application_digest,
        subject=dossier.subject,
        variant=dossier.variant,
        mean_numerator=0,
        mean_denominator=1,
        sheets=(),
        vetoed=bool(dossier.vetoes),
    )


def population(category: Category, dossiers: Sequence[ApplicationDossier]) -> Population:
    """The population that these filings form."""
    return population_of(scorecard_of(category), [case_of(category, one, ByHand(), {}) for one in dossiers])
