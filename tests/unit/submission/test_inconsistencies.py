"""What does not agree in a filing, and when it stops a case from passing."""

from typing import Any

import pytest

from services.submission.domain.inconsistencies import find_open, inconsistencies_in, require_settled, still_open
from shared.infra.rulebooks import load_shipped
from shared.kernel.credit_code import make_credit_code
from shared.kernel.refusals import Conflict

GIANT, QINGDAO = "little-giant-performance", "qingdao-economic-achievements"
CODE = make_credit_code("91370200MA9000001")
AGREEING: dict[str, Any] = {
    "rd_intensity_target": "4",
    "rd_intensity_actual": "5.12",
    "rd_expenditure": "512.4",
    "total_revenue": "10000",
    "main_revenue_share_actual": "92",
}


def found(code: str | None = CODE, **change: Any) -> list[tuple[str, str | None, str]]:
    seen = inconsistencies_in(load_shipped()[GIANT], "little_giant", {**AGREEING, **change}, code)
    return [(one.check, one.indicator, one.severity) for one in seen]


def test_a_filing_that_agrees_has_none() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"rd_intensity_actual": "5.2"}, [("derived_ratio", "rd_intensity", "warning")]),
        ({"rd_intensity_target": "5.15", "rd_intensity_actual": "5.2"}, [("derived_ratio", "rd_intensity", "error")]),
        ({"rd_intensity_actual": "5.2", "rd_expenditure": None}, []),
        ({"main_revenue_share_actual": "70"}, []),
        ({"main_revenue_share_actual": "69.99"}, [("entry_threshold", "main_revenue_share", "warning")]),
        (
            {"main_revenue_growth_target": "12", "main_revenue_growth_actual": "0.12"},
            [("unit_slip", "main_revenue_growth", "warning")],
        ),
        (
            {"rd_intensity_actual": "0.0512"},
            [
                ("derived_ratio", "rd_intensity", "error"),
                ("unit_slip", "rd_intensity", "warning"),
                ("entry_threshold", "rd_intensity", "warning"),
            ],
        ),
    ],
)
def test_figures_that_do_not_agree_are_named(change: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert found(**change) == expected


def test_a_wrong_credit_code_is_found() -> None:
    assert found(code="91370200MA900000XX") == [("credit_code", None, "error")]


def test_a_category_without_declared_checks_has_none() -> None:
    assert inconsistencies_in(load_shipped()[QINGDAO], "model_enterprise", {"revenue_this_year": "1"}, CODE) == ()


def test_an_open_one_stops_the_case_until_it_is_waived_or_put_right() -> None:
    book = load_shipped()[GIANT]
    wrong = inconsistencies_in(book, "little_giant", {**AGREEING, "rd_intensity_actual": "5.2"}, CODE)
    worse = inconsistencies_in(book, "little_giant", {**AGREEING, "rd_intensity_actual": "5.3"}, CODE)

    with pytest.raises(Conflict, match="open_inconsistencies") as caught:
        require_settled(wrong, ())
    assert "本案研发经费支出占营业收入比重：附2为5.2，按附5的512.4÷10000计算为5.12" in caught.value.message
    require_settled(wrong, {wrong[0].digest})
    require_settled((), ())
    assert still_open(worse, {wrong[0].digest}) == list(worse)


def test_only_an_open_one_can_be_waived_once() -> None:
    [one] = inconsistencies_in(load_shipped()[GIANT], "little_giant", {**AGREEING, "rd_intensity_actual": "5.2"}, CODE)

    assert find_open([one], (), one.digest) is one
    with pytest.raises(Conflict, match="already_waived"):
        find_open([one], {one.digest}, one.digest)
    with pytest.raises(Conflict, match="no_such_inconsistency"):
        find_open([one], (), "0" * 64)
