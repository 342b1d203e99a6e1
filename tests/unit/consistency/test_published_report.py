"""The published report of the 28: every finding was read against the tables by hand and recorded."""

import json
from collections import Counter
from pathlib import Path

from typer.testing import CliRunner

from deploy.cli import app
from deploy.rehearsal.published import REPORT

RECORDED = Path(__file__).parent / "published_findings.jsonl"
REVIEWED = {
    ("two_tables", "warning"): 15,
    ("two_tables", "info"): 10,
    ("two_tables", "error"): 4,
    ("derived_ratio", "warning"): 4,
    ("derived_ratio", "error"): 1,
    ("unit_slip", "warning"): 1,
    ("score_rule", "error"): 3,
    ("claim", "error"): 16,
    ("claim", "warning"): 4,
    ("mark_without_amount", "warning"): 1,
    ("mark_without_amount", "info"): 3,
    ("entry_threshold", "warning"): 1,
}


def test_the_findings_are_those_recorded() -> None:
    result = CliRunner().invoke(app, ["crosscheck", "little-giant-performance", str(REPORT)])

    assert result.exit_code == 0
    assert result.stdout.splitlines() == RECORDED.read_text(encoding="utf-8").splitlines()


def test_they_count_as_reviewed() -> None:
    found = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]

    assert Counter((one["check"], one["severity"]) for one in found) == REVIEWED


def test_people_get_a_table() -> None:
    result = CliRunner().invoke(app, ["crosscheck", "little-giant-performance", str(REPORT), "--table"])

    assert result.exit_code == 0
    assert "前后不一致" in result.stdout
    assert "疑点" in result.stdout


def test_a_report_that_is_not_there_ends_with_status_2(tmp_path: Path) -> None:
    missing = CliRunner().invoke(app, ["crosscheck", "little-giant-performance", str(tmp_path)])
    unknown = CliRunner().invoke(app, ["crosscheck", "qingdao-economic-achievements", str(REPORT)])

    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "enterprises.json" in missing.stderr
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "没有声明一致性检查" in unknown.stderr
