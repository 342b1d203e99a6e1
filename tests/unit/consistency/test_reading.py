"""What a report's files may hold, and the sentence when they cannot be read."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.infra.rulebooks import SHIPPED
from shared.rulebook import RulebookRefused, Unreadable, load_rulebook, read_report
from shared.rulebook.consistency.report import flat_rows, read_document
from tests.unit.consistency.invented import DECLARED, find, invented


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "不是合法的 JSON"),
        (b'{"a": 1', "不是合法的 JSON"),
        ("{“甲”: 1}".encode("gbk"), "不是 UTF-8"),
        (b'{"a": 1, "a": 2}', "重复"),
        (b'{"a": NaN}', "不是数"),
        (b'{"a": 1e999999999}', "过大"),
        (b'{"a": 1e-99}', "小数过多"),
        (b'{"a": 1234567890123456}', "过大"),
        (b"[" * 100_000, "嵌套过深"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence) as caught:
        read_document("enterprises.json", content)
    assert "enterprises.json" in str(caught.value)


def test_a_byte_order_mark_is_no_fault_and_numbers_stay_exact() -> None:
    assert read_document("a.json", b'\xef\xbb\xbf{"a": 0.1, "b": 1e3}') == {"a": Decimal("0.1"), "b": Decimal(1000)}


def test_a_missing_file_is_named() -> None:
    files = {name: json.dumps(document).encode() for name, document in invented().items()}
    del files["fund_use.json"]

    with pytest.raises(Unreadable, match=r"缺少文件 fund_use\.json"):
        read_report(DECLARED, files)


def test_a_missing_place_is_named() -> None:
    documents = invented()
    del documents["performance_forms.json"]["forms"][1]["cells"]

    with pytest.raises(Unreadable, match=r"performance_forms\.json：缺少“cells”"):
        find(documents)


@pytest.mark.parametrize(
    ("file", "rows", "change"),
    [
        ("performance_forms.json", "forms", {"seq": None}),
        ("performance_forms.json", "forms", {"cells": [7]}),
        ("report_claims.json", "claims", {"printed": "许多"}),
        ("report_claims.json", "claims", {"recompute_from": None}),
        ("development_summary.json", "rows", {"values": {"standards": {"value": [1]}}}),
    ],
)
def test_a_malformed_row_is_refused_with_a_sentence(file: str, rows: str, change: dict[str, object]) -> None:
    documents = invented()
    documents[file][rows][0].update(change)

    with pytest.raises(Unreadable):
        find(documents)


def test_numbers_keep_the_decimals_that_were_printed() -> None:
    document = {"rows": [{"amount": Decimal("23.9"), "amount_raw": "23.90", "share": Decimal(6), "share_raw": "约7"}]}

    [row] = flat_rows("a.json", document, "rows")

    assert str(row["amount"]) == "23.90"
    assert str(row["share"]) == "6"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("series: [actual, development, target]", "series: [actual, elsewhere]", "没有声明数列“elsewhere”"),
        ("table: enterprises, source: 附3", "table: nowhere, source: 附3", "没有声明表“nowhere”"),
        ("kind: unit_slip", "kind: horoscope", "没有这一种类"),
        ("for_case: [derived_ratio", "for_case: [nothing", "没有名为“nothing”的检查"),
        ("id: unit_slip, check", "id: derived_ratio, check", "检查“derived_ratio”重复声明"),
        ("  category: little_giant\n  tables", "  category: nobody\n  tables", "没有发布项目“nobody”"),
        ("file: fund_use.json, rows: purposes", "file: ../fund_use.json, rows: purposes", "小写英文字母"),
    ],
)
def test_a_declaration_that_cannot_be_followed_is_refused(old: str, new: str, sentence: str) -> None:
    text = (SHIPPED / "little-giant-performance.yaml").read_text(encoding="utf-8")
    assert old in text

    with pytest.raises(RulebookRefused, match=sentence):
        load_rulebook(text.replace(old, new, 1))


def _places(part: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every value in a document."""
    inner: list[tuple[str | int, ...]] = []
    if isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            inner += _places(value, (*path, key))
    return [path, *inner] if path else inner


PLACES = [place for place in _places(invented(2)) if len(place) > 1]
ANYTHING = [None, True, -1, 0.5, 10**14, "", "no", "甲", [], [1], [None], {}, {"a": 1}]


@given(some.sampled_from(PLACES), some.sampled_from(ANYTHING))
def test_any_value_put_anywhere_is_a_finding_or_a_sentence_never_a_crash(place: tuple[Any, ...], value: object) -> None:
    documents: Any = invented(2)
    around = documents
    for step in place[:-1]:
        around = around[step]
    around[place[-1]] = value

    try:
        lines = [json.dumps(finding.as_json()) for finding in find(documents)]
    except Unreadable as error:
        lines = [str(error)]

    assert all(lines)
