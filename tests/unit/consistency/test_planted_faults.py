"""A report that agrees gives no finding; one planted fault gives exactly what belongs to it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.unit.consistency.invented import (
    ANSWERS,
    POINTS,
    Documents,
    brief,
    cell,
    figures_of,
    find,
    invented,
    put_actual,
    put_developed,
)

Fault = Callable[[Documents], object]
COUNTS = tuple(name for name in POINTS if name not in (*ANSWERS, "listing_plan") and "share" not in name)


@given(some.integers(1, 6))
def test_a_report_that_agrees_gives_no_finding(count: int) -> None:
    assert find(invented(count)) == ()


def _enterprise(place: int, **change: object) -> Fault:
    return lambda documents: documents["enterprises.json"]["enterprises"][place].update(change)


def _form(place: int, **change: object) -> Fault:
    return lambda documents: documents["performance_forms.json"]["forms"][place].update(change)


def _spending(place: int, purpose: int, **change: object) -> Fault:
    return lambda documents: documents["fund_use.json"]["enterprises"][place]["purposes"][purpose].update(change)


def _claim(name: str, **change: object) -> Fault:
    def plant(documents: Documents) -> None:
        claims = documents["report_claims.json"]["claims"]
        next(claim for claim in claims if claim["id"] == name).update(change)

    return plant


def _twice(first: Fault, second: Fault) -> Fault:
    return lambda documents: (first(documents), second(documents))


def _row(place: int, **change: object) -> Fault:
    return lambda documents: documents["service_system.json"]["rows"][place].update(change)


def _developed(indicator: str, raw: str | None) -> Fault:
    return lambda documents: put_developed(documents, 2, indicator, raw)


def _actual(indicator: str, raw: str) -> Fault:
    return lambda documents: put_actual(documents, 2, indicator, raw)


def _official(indicator: str, score: float) -> Fault:
    return lambda documents: cell(documents, 2, indicator).update(official_score=score)


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        (_developed("standards", "5"), [("two_tables", "2", "standards", "warning")]),
        (_developed("standards", "3"), [("two_tables", "2", "standards", "error")]),
        (_developed("export_share", "12.4"), [("two_tables", "2", "export_share", "info")]),
        (_developed("export_share", "12.5"), [("two_tables", "2", "export_share", "info")]),
        (_developed("rd_institutions", None), [("two_tables", "2", "rd_institutions", "error")]),
        (
            _developed("main_revenue_growth", "0.25"),
            [
                ("two_tables", "2", "main_revenue_growth", "error"),
                ("derived_ratio", "2", "main_revenue_growth", "error"),
                ("unit_slip", "2", "main_revenue_growth", "warning"),
            ],
        ),
        (_developed("rd_expenditure", "602"), [("derived_ratio", "2", "rd_intensity", "warning")]),
        (_developed("rd_expenditure", "560"), [("derived_ratio", "2", "rd_intensity", "error")]),
        (_developed("rd_expenditure", "600.4"), []),
        (_developed("total_revenue", None), []),
        (_developed("total_revenue", "0"), []),
        (
            _official("standards", 2.5),
            [("score_rule", "2", "standards", "error"), ("totals", "2", "official_total", "error")],
        ),
        (_form(1, official_total=99), [("totals", "2", "official_total", "error")]),
        (_enterprise(1, official_total=99), [("totals", "2", "official_total", "error")]),
        (_form(1, deduction=4), [("totals", "2", "official_total", "error")]),
        (_twice(_twice(_form(1, deduction=4, official_total=96), _enterprise(1, official_total=96)), _form(0)), []),
        (_row(1, official_score=4), [("score_rule", "附1", "2", "error"), ("totals", "附1", "printed_total", "error")]),
        (_spending(1, 0, amount=199), [("totals", "附6", "printed_grand_total", "error")]),
        (_spending(1, 1, checked=True), [("mark_without_amount", "2", "chain_collaboration", "warning")]),
        (_spending(1, 0, checked=False), [("amount_without_mark", "2", "innovation_investment", "warning")]),
        (_spending(1, 1, amount=0), []),
        (_spending(1, 1, checked=None), [("mark_without_amount", "2", "chain_collaboration", "info")]),
        (_claim("commercialised_total", printed=20), [("claim", "commercialised_total", None, "error")]),
        (_claim("main_share_mean", printed=90.4, printed_raw="90.4%"), [("claim", "main_share_mean", None, "error")]),
        (_claim("t4_digital_share", printed=101), [("claim", "t4_digital_share", None, "error")]),
        (_claim("t4_digital_share", printed=100), []),
        (_claim("haichuanghui_innovation", printed=12), [("claim", "haichuanghui_innovation", None, "error")]),
        (_claim("four_bases_total", printed=4), [("claim", "four_bases_total", None, "error")]),
        (_claim("cloud_agreements", printed=5000), []),
        (
            _developed("commercialised_projects", "8"),
            [
                ("two_tables", "2", "commercialised_projects", "warning"),
                ("claim", "commercialised_total", None, "warning"),
            ],
        ),
        (_enterprise(1, uscc="91370200MA9000002X"), [("credit_code", "2", None, "error")]),
        (_enterprise(1, uscc="913702"), [("credit_code", "2", None, "error")]),
        (_form(1, name_on_form="演练企业二十"), [("names", "2", None, "warning")]),
        (_enterprise(1, former_name="演练企业2", name="演练企业新名", current_name="演练企业新名"), []),
    ],
)
def test_one_fault_gives_the_findings_that_belong_to_it(
    plant: Fault, expected: list[tuple[str, str, str | None, str]]
) -> None:
    documents = invented()

    plant(documents)

    assert brief(find(documents)) == expected


@pytest.mark.parametrize(("patents", "expected"), [("354", []), ("355", [("claim", "patents_total", None, "error")])])
def test_more_than_three_hundred_means_below_four_hundred(
    patents: str, expected: list[tuple[str, str, str | None, str]]
) -> None:
    documents = invented()
    put_actual(documents, 1, "invention_patents", patents)
    put_developed(documents, 1, "invention_patents", patents)
    claim = dict(documents["report_claims.json"]["claims"][1])
    claim |= {"id": "patents_total", "printed": 300, "relation": "hundreds_plus", "columns": ["invention_patents"]}
    documents["report_claims.json"]["claims"].append(claim)

    assert brief(find(documents)) == expected


@pytest.mark.parametrize(("printed", "severity"), [(90.57, []), (90.56, ["error"])])
def test_a_mean_in_the_text_may_be_rounded_but_not_cut(printed: float, severity: list[str]) -> None:
    documents = invented()
    for table in (put_actual, put_developed):
        table(documents, 2, "main_revenue_share", "90.7")
    _claim("main_share_mean", printed=printed, printed_raw=f"{printed}%")(documents)

    assert [finding.severity for finding in find(documents)] == severity


def test_a_missing_row_is_found_where_every_enterprise_has_one() -> None:
    documents = invented()
    documents["report_claims.json"]["claims"] = []
    del documents["development_summary.json"]["rows"][1]

    [finding] = find(documents)

    assert (finding.check, finding.subject, finding.values) == ("names", "2", {"附3": "演练企业2", "附5": None})


def test_a_code_used_twice_is_found_at_both() -> None:
    documents = invented()
    listed = documents["enterprises.json"]["enterprises"]
    listed[2]["uscc"] = listed[0]["uscc"]

    assert brief(find(documents)) == [("credit_code", "1", None, "error"), ("credit_code", "3", None, "error")]


def test_nothing_beside_zero_changes_no_number() -> None:
    documents = invented()
    for indicator in ("standards", "rd_institutions"):
        cell(documents, 1, indicator).update(target=0, target_raw="0")
        put_actual(documents, 1, indicator, "0")
        cell(documents, 1, indicator)["official_score"] = float(POINTS[indicator]) / 2
    put_developed(documents, 1, "standards", None)
    put_developed(documents, 1, "rd_institutions", None)
    for table in (documents["performance_forms.json"]["forms"], documents["enterprises.json"]["enterprises"]):
        table[0]["official_total"] = 92.5

    assert brief(find(documents)) == [
        ("two_tables", "1", "rd_institutions", "info"),
        ("two_tables", "1", "standards", "info"),
    ]


def test_a_listing_plan_of_any_stage_is_one() -> None:
    documents = invented()
    put_actual(documents, 2, "listing_plan", "application_submitted")
    assert find(documents) == ()

    put_developed(documents, 2, "listing_plan", "no")

    [finding] = find(documents)
    assert finding.message == "第2家企业有上市计划：附2为“递交申请书”，附5为“无”，按附2得10分，按附5得0分。"
    assert finding.difference is None


def test_a_finding_reads_as_the_specification_shows_it() -> None:
    documents = invented()
    cell(documents, 2, "invention_patents").update(target=20, target_raw="20")
    put_developed(documents, 2, "invention_patents", "24")

    [finding] = find(documents)

    assert finding.as_json() == {
        "check": "two_tables",
        "subject": "2",
        "indicator": "invention_patents",
        "values": {"附2": "22", "附5": "24"},
        "difference": "2",
        "severity": "warning",
        "message": "第2家企业有效发明专利数量：附2为22，附5为24，相差2，按规则得分不变。",
    }


def test_figures_below_the_printed_floor_are_doubted() -> None:
    documents = invented()
    for table in (put_actual, put_developed):
        table(documents, 2, "main_revenue_share", "69.9")
    cell(documents, 2, "main_revenue_share").update(target=60, target_raw="60")
    documents["report_claims.json"]["claims"] = []

    [finding] = find(documents)

    assert (finding.check, finding.indicator, finding.severity) == ("entry_threshold", "main_revenue_share", "warning")
    assert "70%以上" in finding.message


@given(some.sampled_from(COUNTS), some.integers(1, 4), some.integers(1, 50))
def test_a_count_raised_in_one_table_is_found_there_and_nowhere_else(indicator: str, seq: int, more: int) -> None:
    documents = invented(4)
    documents["report_claims.json"]["claims"] = []
    documents["fund_use.json"]["enterprises"][seq - 1]["purposes"][0]["outcome_figures"] = []
    for name in ("rd_expenditure", "total_revenue"):
        put_developed(documents, seq, name, None)
    before = Decimal(figures_of(seq)[indicator])

    put_developed(documents, seq, indicator, str(before + more))

    [finding] = [one for one in find(documents) if one.check != "unit_slip"]
    assert (finding.check, finding.subject, finding.indicator) == ("two_tables", str(seq), indicator)
    assert finding.difference == more
    assert finding.severity == "warning"


@given(some.sampled_from(sorted(POINTS)), some.integers(1, 4), some.integers(1, 20))
def test_an_official_score_raised_is_found_with_its_total(indicator: str, seq: int, halves: int) -> None:
    documents = invented(4)
    official = float(POINTS[indicator]) + halves / 2

    cell(documents, seq, indicator)["official_score"] = official

    found = find(documents)
    assert brief(found) == [
        ("score_rule", str(seq), indicator, "error"),
        ("totals", str(seq), "official_total", "error"),
    ]
    assert {finding.difference for finding in found} == {Decimal(halves) / 2}


def test_findings_do_not_depend_on_the_order_of_the_rows() -> None:
    documents = invented(5)
    for seq in (5, 2, 4):
        put_developed(documents, seq, "standards", "9")
    reversed_rows = invented(5)
    for seq in (5, 2, 4):
        put_developed(reversed_rows, seq, "standards", "9")
    for name, rows in (("performance_forms.json", "forms"), ("development_summary.json", "rows")):
        reversed_rows[name][rows].reverse()

    assert find(documents) == find(reversed_rows)
    assert [finding.subject for finding in find(documents)] == ["2", "4", "5"]
