"""The tables of a report, built from the data, as workbook and as JSON."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.rehearsal.published import REPORT, published_enterprises
from shared.infra.rulebooks import SHIPPED
from shared.infra.workbooks import workbook
from shared.rulebook import ReportTable, RulebookRefused, load_rulebook, read_report, report_tables
from tests.unit.consistency.invented import BOOK, DECLARED, Documents, cell, find, invented, put_actual


def built(documents: Documents) -> dict[str, ReportTable]:
    files = {name: json.dumps(document, ensure_ascii=False).encode() for name, document in documents.items()}
    return {table.id: table for table in report_tables(BOOK, read_report(DECLARED, files))}


@pytest.fixture(scope="module")
def published() -> dict[str, ReportTable]:
    files = {path.name: path.read_bytes() for path in REPORT.iterdir()}
    return {table.id: table for table in report_tables(BOOK, read_report(DECLARED, files))}


def test_the_score_is_the_rule_s_and_not_the_printed_one() -> None:
    documents = invented()
    put_actual(documents, 2, "standards", "1")

    rows = built(documents)["summary"].rows

    assert [row["score"] for row in rows] == [100, 95, 100]
    assert {row["official_total"] for row in rows} == {Decimal(100)}


def test_tables_of_the_report_alone_may_be_missing() -> None:
    documents = invented()
    del documents["platforms.json"]["point_to_point_platforms"][0]["evaluation"]

    [row] = built(documents)["platforms"].rows

    assert row["result"] is None
    assert find(documents) == ()


def test_a_deduction_is_taken_off_and_an_open_item_named() -> None:
    documents = invented()
    documents["performance_forms.json"]["forms"][0]["deduction"] = 4.5
    cell(documents, 2, "standards").update(actual=None, actual_raw="/")

    rows = built(documents)["summary"].rows

    assert (rows[0]["score"], rows[0]["open_items"]) == (Decimal("95.5"), "")
    assert rows[1]["score"] == 95
    assert rows[1]["open_items"] == "主持或参与制（修）国际国家标准或行业标准的数量"


def test_the_published_tables_add_up_as_printed(published: dict[str, ReportTable]) -> None:
    assert published["fund_use"].totals["total"] == 5600
    assert published["services"].totals == {"amount": 622, "served": 4287}
    assert published["public_platforms"].totals == {"amount": 1220}
    assert published["service_system"].totals == {"official_score": 85}
    assert [len(published[name].rows) for name in ("summary", "development", "fund_use", "platforms")] == [
        28,
        28,
        28,
        3,
    ]


def test_the_published_scores_by_rule_differ_in_three(published: dict[str, ReportTable]) -> None:
    rows = published["summary"].rows

    apart = {int(str(row["seq"])): row["score"] for row in rows if row["score"] != row["official_total"]}

    assert apart == {7: Decimal("87.5"), 9: Decimal("77.5"), 28: Decimal(80)}
    assert [row["name"] for row in rows] == [one.current_name for one in published_enterprises()]


def test_the_figures_of_the_text_name_their_source(published: dict[str, ReportTable]) -> None:
    rows = published["text_figures"].rows

    certified = [row for row in rows if row["label"] == "发达国家或地区认证数量合计"]
    assert [(row["source"], row["figure"], row["agrees"]) for row in certified] == [
        ("附2", 73, True),
        ("附5", 89, False),
    ]
    assert [row["agrees"] for row in rows if row["label"] == "工业互联网服务协议金额"] == [None]


def test_the_command_writes_workbook_and_json(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["report", "little-giant-performance", str(REPORT), "--out", str(tmp_path / "out")]
    )

    assert result.exit_code == 0
    assert "附6\t企业资金使用情况汇总表\t28" in result.stdout
    book = openpyxl.load_workbook(tmp_path / "out" / "report.xlsx")
    written: dict[str, Any] = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert len(book.worksheets) == len(written["tables"]) == 8
    funds = book["附6 企业资金使用情况汇总表"]
    assert [funds.cell(31, column).value for column in (1, 8)] == ["合计", 5600]
    assert written["tables"][0]["rows"][0]["score"] == "87.5"


def test_a_report_that_cannot_be_read_or_written_ends_with_status_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    command = ["report", "little-giant-performance"]

    missing = CliRunner().invoke(app, [*command, str(tmp_path), "--out", str(tmp_path / "out")])
    blocked = CliRunner().invoke(app, [*command, str(REPORT), "--out", str(tmp_path / "file")])

    assert (missing.exit_code, blocked.exit_code) == (2, 2)
    assert "无法写入" in blocked.stderr


def test_a_text_that_looks_like_a_formula_stays_text() -> None:
    documents = invented()
    documents["enterprises.json"]["enterprises"][0]["current_name"] = "=1+1"

    book = openpyxl.load_workbook(io.BytesIO(workbook([built(documents)["summary"]])))

    assert book.worksheets[0]["B3"].value == "'=1+1"
    assert book.worksheets[0]["B3"].data_type == "s"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("title: 档次, column: tier", "title: 档次", "来处"),
        ("title: 档次, column: tier", "title: 档次, column: tier, series: actual", "来处"),
        ("adds_up: true, series: fund_amount}", "adds_up: true, series: nowhere}", "没有声明表或数列“nowhere”"),
    ],
)
def test_a_table_that_cannot_be_built_is_refused(old: str, new: str, sentence: str) -> None:
    text = (SHIPPED / "little-giant-performance.yaml").read_text(encoding="utf-8")
    assert old in text

    with pytest.raises(RulebookRefused, match=sentence):
        load_rulebook(text.replace(old, new, 1))
