"""The form as a page draws it and reads it back."""

from starlette.datastructures import FormData

from services.submission.pages.form import read_form, sections
from shared.infra.rulebooks import load_shipped

BOOK = load_shipped()["qingdao-economic-achievements"]
PIONEER, MODEL = BOOK.category("new_quality_pioneer"), BOOK.category("model_enterprise")
GIANT = load_shipped()["little-giant-performance"].category("little_giant")


def test_every_figure_that_the_applicant_fills_in_is_drawn_once() -> None:
    drawn = [field.name for section in sections(PIONEER, None, {}, None, "applicant") for field in section.fields]

    assert sorted(drawn) == sorted(fact.id for fact in PIONEER.facts)
    assert len(set(drawn)) == len(drawn)


def test_targets_are_shown_and_not_open() -> None:
    fields = [
        field
        for section in sections(GIANT, None, {"rd_intensity_target": "6"}, None, "applicant")
        for field in section.fields
    ]

    assert [(field.name, field.open, field.shown) for field in fields if field.name.endswith("_target")] == [
        ("rd_intensity_target", False, "6 %")
    ]


def test_figures_of_the_other_class_are_not_asked_for() -> None:
    def names(variant: str) -> set[str]:
        return {field.name for section in sections(MODEL, variant, {}, None, "applicant") for field in section.fields}

    only = {fact.id for fact in MODEL.facts if fact.required_for == ("manufacturing",)}
    assert only
    assert only <= names("manufacturing")
    assert not only & names("services")


def test_a_rectification_opens_the_named_fields_only() -> None:
    drawn = sections(PIONEER, None, {}, frozenset({"revenue_this_year"}), "applicant")

    assert [field.name for section in drawn for field in section.fields if field.open] == ["revenue_this_year"]


def test_a_browsers_form_becomes_raw_figures() -> None:
    form = FormData(
        [
            ("titles_valid", "gazelle"),
            ("titles_valid", "unicorn"),
            ("revenue_this_year", " 12.5 "),
            ("rd_expense_this_year", ""),
            ("revenue_last_year", ""),
            ("registered_in_qingdao", "true"),
            ("intruder", "1"),
        ]
    )

    raw = read_form(PIONEER, form, "applicant", None)

    assert raw["titles_valid"] == ["gazelle", "unicorn"]
    assert raw["revenue_this_year"] == "12.5"
    assert "rd_expense_this_year" not in raw
    assert raw["revenue_last_year"] is None
    assert raw["registered_in_qingdao"] == "true"
    assert "intruder" not in raw
    assert read_form(PIONEER, form, "applicant", frozenset({"revenue_this_year"})) == {"revenue_this_year": "12.5"}
