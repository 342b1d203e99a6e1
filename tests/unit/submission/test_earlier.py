"""Figures of an earlier year: the figure of the same year is offered, never the one of the same field."""

import pytest

from services.submission.domain.drafting import Change
from services.submission.domain.earlier import offered, then_field
from services.submission.pages.form import take_over
from shared.infra.rulebooks import load_shipped

PIONEER = load_shipped()["qingdao-economic-achievements"].category("new_quality_pioneer")
THEN = {
    "registered_in_qingdao": True,
    "revenue_this_year": "2000",
    "revenue_last_year": "1800",
    "revenue_two_years_ago": None,
    "titles_valid": ["gazelle"],
}


@pytest.mark.parametrize(
    ("fact", "years", "then"),
    [
        ("revenue_last_year", 1, "revenue_this_year"),
        ("revenue_two_years_ago", 1, "revenue_last_year"),
        ("revenue_two_years_ago", 2, "revenue_this_year"),
        ("revenue_this_year", 1, None),
        ("revenue_last_year", 2, None),
        ("main_product_invention_patents_3_years", 1, "main_product_invention_patents_3_years"),
    ],
)
def test_a_figure_of_a_year_is_looked_for_where_that_year_stood(fact: str, years: int, then: str | None) -> None:
    assert then_field(fact, years) == then


def test_last_years_form_offers_its_years_one_field_further_and_no_declarations() -> None:
    assert offered(PIONEER, THEN, 1) == {
        "revenue_last_year": ("2000",),
        "revenue_two_years_ago": ("1800",),
        "titles_valid": ("gazelle",),
    }


def test_an_offer_is_taken_where_it_was_chosen_and_all_only_where_nothing_stands() -> None:
    changes = [Change("revenue_last_year", (), ("7",)), Change("revenue_two_years_ago", (), ())]
    offers = {"revenue_last_year": ("2000",), "revenue_two_years_ago": ("1800",), "titles_valid": ("gazelle",)}

    one = take_over(changes, offers, ["revenue_last_year"])
    blank = take_over(changes, offers, ["*"])

    assert one == [Change("revenue_last_year", (), ("2000",)), Change("revenue_two_years_ago", (), ())]
    assert blank == [Change("revenue_last_year", (), ("7",)), Change("revenue_two_years_ago", (), ("1800",))]
