"""Figures of an earlier year that a new form may take over: the same year's figure, not the same field's.

The fields of a form speak of years relative to the award year (本年度, 上年度 …), by the ends of their ids. What was
this year's figure then is last year's now; a figure of no year in particular is offered as it was given last.
"""

from collections.abc import Mapping

from services.submission.domain.drafting import Typed, typed_in
from shared.rulebook import Category

YEARS_BACK = ("_this_year", "_last_year", "_two_years_ago", "_three_years_ago")


def then_field(fact_id: str, years: int) -> str | None:
    """The field that held this figure so many years before; None where the form did not go that far back."""
    for age, end in enumerate(YEARS_BACK):
        if fact_id.endswith(end):
            return fact_id.removesuffix(end) + YEARS_BACK[age - years] if age >= years else None
    return fact_id


def offered(category: Category, earlier: Mapping[str, object], years: int) -> dict[str, Typed]:
    """What of an earlier filing may be taken over, by field of the new form; what must be declared anew is not.

    Args:
        earlier: figures of the earlier filing, as kept.
        years: how many years its award year lies back, at least 1.
    """
    typed = typed_in(earlier, {})
    found: dict[str, Typed] = {}
    for fact in category.facts:
        source = then_field(fact.id, years)
        if fact.filled_by == "applicant" and fact.role != "eligibility" and source is not None and typed.get(source):
            found[fact.id] = typed[source]
    return found
