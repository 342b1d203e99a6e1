"""Formulas of the scorecard beside the fields that enter them."""

from shared.infra.rulebooks import load_shipped
from shared.rulebook import formulas_of

BOOKS = load_shipped()


def test_a_figure_says_which_item_is_computed_from_it_and_how() -> None:
    told = formulas_of(BOOKS["qingdao-economic-achievements"].category("new_quality_pioneer"), None)

    assert any("100 × 本年度研发投入 ÷ 本年度营业收入" in one for one in told["rd_expense_this_year"])
    assert told["rd_expense_this_year"] == told["revenue_this_year"]
    assert "titles_valid" not in told


def test_items_of_another_class_are_not_told() -> None:
    model = BOOKS["qingdao-economic-achievements"].category("model_enterprise")

    told = {variant: formulas_of(model, variant) for variant in ("manufacturing", "services")}

    assert told["manufacturing"] != told["services"]


def test_every_formula_is_about_fields_of_the_form() -> None:
    for book in BOOKS.values():
        for category in book.categories:
            assert set(formulas_of(category, None)) <= {fact.id for fact in category.facts}
