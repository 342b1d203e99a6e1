"""How a reviewed case came to its mean: every sheet's lines, and the exact mean of their totals."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from services.ranking.domain.scoring import ByHand, case_of, population, scorecard_of
from shared.contracts.dossiers import ApplicationDossier, ReviewDossier, SheetRecord, mean_display
from shared.rulebook import Category, Population, combine_sheet, computed_items, explain

_LEFT_OUT = {"highest": "最高分，不计入平均值", "lowest": "最低分，不计入平均值"}


def review_explained(
    category: Category, review: ReviewDossier, filings: Sequence[ApplicationDossier]
) -> dict[str, Any]:
    """The path from figures and judgements to the mean. ``filings``: all of the stage, as their population."""
    members = population(category, filings)
    left_out = category.trimmed.leaves_out([Decimal(one.total) for one in review.sheets]) if category.trimmed else {}
    filing = next(one for one in filings if one.case_id == review.case_id)
    return {
        "mean": [review.mean_numerator, review.mean_denominator],
        "total": mean_display(review.mean_numerator, review.mean_denominator),
        "method": category.trimmed.words() if category.trimmed else None,
        "sheets": [
            {
                "expert": sheet.expert,
                "total": sheet.total,
                "left_out": _LEFT_OUT.get(left_out.get(place, "")),
                "lines": _lines(category, filing, members, sheet),
            }
            for place, sheet in enumerate(review.sheets)
        ],
    }


def _lines(category: Category, filing: ApplicationDossier, members: Population, sheet: SheetRecord) -> list[str]:
    card = scorecard_of(category)
    computed = {item.id for item in computed_items(card, filing.variant)}
    given = {item: Decimal(points) for item, points in sheet.items.items() if item not in computed}
    judged = {item: Decimal(points) for item, points in sheet.judgements.items() if item not in computed}
    case = case_of(category, filing, ByHand(), {})
    hand = {item: Decimal(points) for item, points in sheet.items.items() if item in computed}
    result = combine_sheet(
        card, filing.variant, case.facts, members, {**given, **judged}, filing.zero_conditions, overrides=hand
    )
    return explain(result)
