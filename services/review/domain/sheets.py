"""Score sheets: what is signed and sealed, and the exact mean after unsealing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.review.domain.findings import NOTHING, Applied
from shared.contracts.dossiers import ApplicationDossier, SheetRecord
from shared.kernel.canonical import canonical, digest, digest_bytes, plain_decimal
from shared.kernel.refusals import FieldProblem, Refusal
from shared.rulebook import (
    Case,
    CaseResult,
    Category,
    Population,
    Scorecard,
    check_sheet,
    expert_items,
    mean,
    missing_reasons,
    population_of,
    read_figures,
    score_case,
)


class SheetContent(BaseModel):
    """What an expert signs. The salt keeps the digest from being guessed while the sheet is sealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: UUID
    case: UUID
    case_number: str
    expert: str
    judgements: dict[str, str]
    reasons: dict[str, str] = {}
    salt: str

    @property
    def bytes(self) -> bytes:
        """The canonical bytes that are sealed."""
        return canonical(self)

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical bytes; stands in the ledger from the signing on."""
        return digest_bytes(self.bytes)

    def numbers(self) -> dict[str, Decimal]:
        """The judgements as exact numbers."""
        return {item: Decimal(given) for item, given in self.judgements.items()}


def scorecard_of(category: Category) -> Scorecard:
    """The scorecard of a category under panel review; the rulebook's loader sees that there is one."""
    if category.scorecard is None:
        raise ValueError(f"category {category.key} has no scorecard")
    return category.scorecard


def check_numbers(
    category: Category,
    variant: str | None,
    judgements: Mapping[str, Decimal],
    *,
    complete: bool,
) -> None:
    """Refuse a sheet with a number above its item's points, off its step, for an item nobody judges, or a gap."""
    card = scorecard_of(category)
    problems = check_sheet(card, variant, judgements, complete=complete)
    if problems:
        first = problems[0]
        raise Refusal(first.code, first.message, field=first.field, article=card.attachment, problems=problems)


def check_reasons(
    category: Category, variant: str | None, judgements: Mapping[str, Decimal], reasons: Mapping[str, str]
) -> None:
    """Refuse a sheet without a reason where the rule asks for one, or with one for an item nobody judges."""
    card = scorecard_of(category)
    known = {item.id for item in expert_items(card, variant)}
    problems = missing_reasons(card, variant, judgements, reasons)
    problems += [FieldProblem(item, "unknown_item", "计分表中没有这一项。") for item in reasons if item not in known]
    if problems:
        first = problems[0]
        raise Refusal(first.code, first.message, field=first.field, article=card.attachment, problems=problems)


def as_case(
    category: Category,
    dossier: ApplicationDossier,
    judgements: Mapping[str, Decimal] | None = None,
    applied: Applied = NOTHING,
) -> Case:
    """A case as the scorecard scores it; what was confirmed before review or ruled on in it holds for every sheet.

    What an investigation only raised counts through the chair's ruling alone.
    """
    raised = {one.rule_id for one in dossier.raised}
    read = read_figures(category, dossier.figures)
    if read.problems:
        raise ValueError(f"dossier {dossier.case_id} holds figures that cannot be read: {read.problems[0].field}")
    return Case(
        id=str(dossier.case_id),
        variant=dossier.variant,
        facts=read.figures,
        judgements=judgements or {},
        zero_conditions=_in_force(dossier.zero_conditions, raised, applied.zero_conditions),
        vetoes=_in_force(dossier.vetoes, raised, applied.vetoes),
    )


def _in_force(before: Sequence[str], raised: Collection[str], ruled: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(one for one in before if one not in raised), *ruled)))


def population(category: Category, dossiers: Sequence[ApplicationDossier]) -> Population:
    """The frozen population: every case under review when the panel was drawn, struck ones included."""
    return population_of(scorecard_of(category), [as_case(category, dossier) for dossier in dossiers])


def computed_part(category: Category, dossier: ApplicationDossier, among: Population) -> CaseResult:
    """The case scored with nothing judged: only its computed items mean anything."""
    card = scorecard_of(category)
    nothing = {item.id: Decimal(0) for item in expert_items(card, dossier.variant)}
    return score_case(card, as_case(category, dossier, nothing), among)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The result of one case: the exact mean of its counted sheets, and the sheets."""

    mean: Fraction
    sheets: tuple[SheetRecord, ...]
    vetoed: bool
    not_computable: tuple[str, ...]


def review_case(
    category: Category,
    dossier: ApplicationDossier,
    among: Population,
    sheets: Sequence[SheetContent],
    applied: Applied = NOTHING,
) -> Reviewed:
    """Score each sheet under what was ruled on the case, and take the rulebook's exact mean; nothing is rounded."""
    card = scorecard_of(category)
    results = [
        (sheet, score_case(card, as_case(category, dossier, sheet.numbers(), applied), among))
        for sheet in sorted(sheets, key=lambda sheet: sheet.expert)
    ]
    records = tuple(
        SheetRecord(
            expert=sheet.expert,
            sheet_digest=sheet.digest,
            judgements=sheet.judgements,
            reasons=sheet.reasons,
            items={item: plain_decimal(points) for item, points in result.items.items()},
            total=plain_decimal(result.total),
        )
        for sheet, result in results
    )
    return Reviewed(
        mean=mean([result.total for _, result in results], category.trimmed),
        sheets=records,
        vetoed=any(result.vetoed for _, result in results),
        not_computable=tuple(dict.fromkeys(item for _, result in results for item in result.provisional)),
    )


def neutral_numbers(stage: UUID, cases: Sequence[UUID]) -> dict[UUID, str]:
    """A number for each case that tells nothing about its applicant or the order of filing."""
    mixed = sorted(cases, key=lambda case: digest([str(stage), str(case)]))
    width = max(2, len(str(len(mixed))))
    return {case: f"{place:0{width}d}号案" for place, case in enumerate(mixed, 1)}


def personal_order(expert: UUID, cases: Sequence[UUID]) -> list[UUID]:
    """The cases in an order of this expert's own, the same every time, so that no case is first for everybody."""
    return sorted(cases, key=lambda case: digest([str(expert), str(case)]))


def plain_judgements(judgements: Mapping[str, Decimal]) -> dict[str, str]:
    """Judgements as plain decimal strings, in order of item."""
    return {item: plain_decimal(judgements[item]) for item in sorted(judgements)}


def figures_shown(category: Category, dossier: ApplicationDossier) -> list[dict[str, Any]]:
    """The filed figures for people: label, value, unit, and the judged items each one informs."""
    shown = []
    for fact in category.facts:
        if fact.id in dossier.figures:
            labels = {choice.value: choice.label for choice in fact.allowed}
            shown.append(
                {
                    "id": fact.id,
                    "label": fact.label,
                    "value": _value_words(dossier.figures[fact.id], labels),
                    "unit": fact.unit,
                    "used_by": list(fact.used_by),
                }
            )
    return shown


def _value_words(value: Any, labels: Mapping[str, str]) -> str:
    if value is None:
        return "没有数据"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(labels.get(one, one) for one in value) or "无"
    return labels.get(str(value), str(value))
