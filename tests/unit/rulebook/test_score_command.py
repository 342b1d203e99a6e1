"""`fangbang score`: what is printed, what is said about what cannot be read, and how it ends."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from shared.infra.rulebooks import SHIPPED

DATA = Path(__file__).parent / "data"
QINGDAO = "qingdao-economic-achievements"
GOOD = (
    b'{"case":"a","category":"trade_pioneer","variant":"other","facts":'
    b'{"trade_amount_this_year":5,"trade_amount_last_year":4,"general_violations":0}}\n'
)


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["score", *arguments], input=given)


def answers(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout_bytes.splitlines()]


@pytest.mark.parametrize(
    ("programme", "rulebook"), [("economic", QINGDAO), ("little_giant", "little-giant-performance")]
)
def test_the_example_cases_are_printed_equal_from_a_file(programme: str, rulebook: str) -> None:
    result = run(rulebook, str(DATA / f"{programme}_cases.jsonl"))

    expected = [json.loads(line) for line in (DATA / f"{programme}_results.jsonl").read_text("utf-8").splitlines()]
    for answer in (found := answers(result)) + expected:
        for error in answer.get("errors", ()):  # type: ignore[attr-defined]
            del error["message"]
    assert found == expected
    assert result.exit_code == (1 if any("errors" in answer for answer in expected) else 0)


def test_all_lines_scored_ends_with_0_and_any_error_with_1() -> None:
    assert run(QINGDAO, given=GOOD).exit_code == 0
    assert run(QINGDAO, "-", given=b"").exit_code == 0
    mixed = run(QINGDAO, given=b"\xef\xbb\xbf\r\n" + GOOD + b"nonsense\n" + GOOD.replace(b'"a"', b'"b"'))
    assert mixed.exit_code == 1
    assert [answer["case"] for answer in answers(mixed)] == ["a", None, "b"]
    assert answers(mixed)[1]["errors"][0]["message"].startswith("第3行：")  # type: ignore[index]


def test_a_rulebook_may_be_a_file() -> None:
    by_file = run(str(SHIPPED / f"{QINGDAO}.yaml"), given=GOOD)

    assert by_file.exit_code == 0
    assert by_file.stdout == run(QINGDAO, given=GOOD).stdout


def test_a_category_of_another_rulebook_is_unknown() -> None:
    result = run("little-giant-performance", given=GOOD)

    assert answers(result)[0]["errors"][0]["code"] == "unknown_category"  # type: ignore[index]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (GOOD + "案".encode("gbk") + b"\n", "第2行不是 UTF-8 编码"),
        (GOOD * 3000 + b"\xff", "第3001行不是 UTF-8 编码"),
        (GOOD + b"\xe6\xa1", "第2行不是 UTF-8 编码"),
    ],
)
def test_what_is_not_utf_8_is_named_with_its_line_and_nothing_is_printed(given: bytes, sentence: str) -> None:
    result = run(QINGDAO, given=given)

    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((QINGDAO, "no/such/file.jsonl"), "文件无法读取"),
        ((QINGDAO, str(DATA)), "文件无法读取"),
        (("no-such-rulebook",), "没有实施办法“no-such-rulebook”"),
        ((str(DATA),), "无法读取"),
        ((str(DATA / "economic_cases.jsonl"),), "economic_cases.jsonl:2: 文件：YAML 写法有误"),
    ],
)
def test_a_missing_file_or_rulebook_ends_with_2(arguments: tuple[str, ...], sentence: str) -> None:
    result = run(*arguments, given=GOOD)

    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr


def test_half_a_surrogate_pair_is_answered_escaped() -> None:
    result = run(QINGDAO, given=rb'{"case":"\ud800"}')

    assert rb'"case":"\ud800"' in result.stdout_bytes


def test_other_line_separators_inside_a_text_do_not_end_a_line() -> None:
    result = run(QINGDAO, given=GOOD.replace(b'"a"', '"a\u2028b\u0085c"'.encode()))

    assert [answer["case"] for answer in answers(result)] == ["a\u2028b\u0085c"]


def test_a_reader_that_stops_early_is_no_fault() -> None:
    lines = b"".join(GOOD.replace(b'"a"', b'"%d"' % number) for number in range(3000))
    scorer = subprocess.Popen(
        [sys.executable, "-m", "deploy", "score", QINGDAO],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert scorer.stdin is not None
    assert scorer.stdout is not None
    assert scorer.stderr is not None
    scorer.stdout.close()
    scorer.stdin.write(lines)
    scorer.stdin.close()

    said = scorer.stderr.read()
    scorer.stderr.close()

    assert (scorer.wait(timeout=60), said) == (1, b"")


def test_explanations_read_from_figure_to_points_with_their_basis() -> None:
    told = run(QINGDAO, "--explain", "text", given=GOOD + b"nonsense\n").stdout

    assert "a（年度青岛国际贸易先锋企业）：98 分，可达 100 分" in told
    assert "  年进出口总额增长率 25% → 25%以上-50% → 3 分（附件五，进出口贡献）" in told
    assert "    依据：本年度进出口总额（海关统计） 5万元；上年度进出口总额（海关统计） 4万元" in told
    assert "（无案号）（第2行）：不能计分\n  整行：这一行不是合法的 JSON" in told


def test_explanations_as_json_name_every_reading() -> None:
    (answer,) = answers(run(QINGDAO, "--explain", "json", given=GOOD))

    growth = answer["explanations"][1]  # type: ignore[index]
    assert growth["sentence"] == "年进出口总额增长率 25% → 25%以上-50% → 3 分（附件五，进出口贡献）"
    assert (growth["points"], growth["full"], growth["rule"]) == ("3", "5", "bands")
    assert [reading["value"] for reading in growth["readings"]] == ["5万元", "4万元"]


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[GOOD])
    writer.start()

    result = run(QINGDAO, str(pipe))
    writer.join()

    assert result.stdout == run(QINGDAO, given=GOOD).stdout != ""
