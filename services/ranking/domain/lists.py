"""Lines of shortlists and final lists as dossiers, and the report table 总表."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from shared.contracts.dossiers import FinalEntryDossier, ReviewDossier, mean_display
from shared.contracts.subjects import CaseSubject
from shared.kernel.canonical import plain_decimal
from shared.rulebook import Outcome


def score_text(numerator: int, denominator: int, *, exact: bool) -> str:
    """A score for people: the exact decimal of a score by rule, a mean of sheets rounded to two places."""
    if exact and denominator != 0:
        return plain_decimal(Decimal(numerator) / Decimal(denominator))
    return mean_display(numerator, denominator)


def common_items(dossier: ReviewDossier) -> dict[str, str]:
    """The items of a case scored by one sheet; several experts' items stay in their sheets."""
    return dict(dossier.sheets[0].items) if len(dossier.sheets) == 1 else {}


def list_line(
    *,
    case_id: UUID,
    number: str,
    subject: Mapping[str, Any],
    position: int,
    score: str | None,
    rank: int | None,
    outcome: str,
    reason: str | None,
    previous_digest: str,
    official: Mapping[str, Any] | None = None,
    items: Mapping[str, str] | None = None,
) -> FinalEntryDossier:
    """A line of a list as it is handed over."""
    return FinalEntryDossier(
        case_id=case_id,
        number=number,
        subject=CaseSubject.model_validate(subject),
        position=position,
        score=score,
        rank=rank,
        outcome=outcome,
        reason=reason,
        previous_digest=previous_digest,
        official=dict(official) if official is not None else None,
        items=dict(items or {}),
    )


def summary_rows(lines: Sequence[FinalEntryDossier], outcomes: Mapping[str, Outcome]) -> list[dict[str, Any]]:
    """The rows of the report table 附3, in the order of the list. ``outcomes``: those of the category, by id."""
    return [
        {
            "position": line.position,
            "case_id": str(line.case_id),
            "number": line.number,
            "name": line.subject.name,
            "credit_code": line.subject.credit_code,
            "score": line.score,
            "outcome": outcomes[line.outcome].label,
            "reason": line.reason,
            "items": line.items,
            "official": line.official,
        }
        for line in lines
    ]


def summary_totals(lines: Sequence[FinalEntryDossier], outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """How many were evaluated, how many had each outcome, and the mean score to two places."""
    scores = [Fraction(Decimal(line.score)) for line in lines if line.score is not None]
    average = sum(scores, Fraction(0)) / len(scores) if scores else None
    return {
        "evaluated": len(lines),
        "outcomes": {one.label: sum(line.outcome == one.id for line in lines) for one in outcomes.values()},
        "mean_score": mean_display(average.numerator, average.denominator) if average is not None else None,
    }
