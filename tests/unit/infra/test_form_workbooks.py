"""The template that the rulebook gives is filled in and read back as the same figures; anything else is refused."""

import io
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook

from shared.infra.form_workbooks import LARGEST, form_workbook, read_form_workbook
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import Refusal
from shared.rulebook import Category, check_figures, read_figures

QINGDAO = "qingdao-economic-achievements"
ENTERED = {
    "registered_in_qingdao": True,
    "core_technology_claimed": False,
    "industry_class": "future",
    "titles_valid": ["little_giant", "gazelle"],
    "rd_expense_this_year": "123.45",
    "rd_expense_last_year": "0",
    "rd_expense_two_years_ago": "90",
    "revenue_this_year": "999999999999.5",
    "revenue_last_year": None,
    "revenue_two_years_ago": "0.1",
    "main_product_invention_patents_3_years": "6",
}


@pytest.fixture(scope="module")
def category() -> Category:
    return load_shipped()[QINGDAO].category("new_quality_pioneer")


def test_what_was_entered_comes_back_exactly(category: Category) -> None:
    raw = read_form_workbook(form_workbook(category, None, ENTERED), category)

    assert read_figures(category, raw) == read_figures(
        category, {fact: value for fact, value in ENTERED.items() if value is not None}
    )
    assert raw["revenue_two_years_ago"] == Decimal("0.1")


@pytest.mark.parametrize("book", [QINGDAO, "little-giant-performance"])
def test_every_category_has_a_template_with_its_own_facts(book: str) -> None:
    for category in load_shipped()[book].categories:
        for variant in [one.id for one in category.variants] or [None]:
            sheet = load_workbook(io.BytesIO(form_workbook(category, variant, {}))).worksheets[0]
            ids = [row[4].value for row in sheet.iter_rows(min_row=4)]
            asked = [
                fact.id
                for fact in category.facts
                if fact.filled_by == "applicant" and (not fact.required_for or variant in fact.required_for)
            ]
            assert ids == asked


def test_an_empty_template_leaves_out_everything_and_every_required_figure_is_missing(category: Category) -> None:
    raw = read_form_workbook(form_workbook(category, None, {}), category)

    missing = check_figures(category, None, read_figures(category, raw).figures, filled_by="applicant")
    assert raw == {}
    assert {problem.field for problem in missing} == {fact.id for fact in category.facts if fact.required}


def test_a_word_in_place_of_a_number_is_a_problem_beside_its_field(category: Category) -> None:
    book = load_workbook(io.BytesIO(form_workbook(category, None, {})))
    for row in book.worksheets[0].iter_rows(min_row=4):
        if row[4].value == "revenue_this_year":
            row[1].value = "很多"
    out = io.BytesIO()
    book.save(out)

    read = read_figures(category, read_form_workbook(out.getvalue(), category))

    assert [problem.field for problem in read.problems] == ["revenue_this_year"]


def _foreign() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * (30 * LARGEST))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_workbook"),
        (_bomb(), "workbook_too_large"),
        (b"PK\x03\x04nonsense", "not_a_workbook"),
        ("姓名,年龄".encode("gbk"), "not_a_workbook"),
        (_foreign(), "not_a_template"),
        (b"\0" * (LARGEST + 1), "workbook_too_large"),
    ],
)
def test_what_is_no_template_is_refused_with_a_sentence(category: Category, content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_form_workbook(content, category)

    assert refused.value.code == code
    assert refused.value.message
