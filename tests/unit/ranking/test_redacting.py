"""A minute for somebody who stands aside: no trace of the case, and nothing else is lost."""

from typing import Any

from services.ranking.domain.redacting import NOTE, OMITTED, redacted


def line(number: int, outcome: str, reason: str) -> dict[str, str]:
    return {"subject": f"NQ-{number:03d} 演练企业{number:03d}", "outcome": outcome, "reason": reason}


MINUTE: dict[str, Any] = {
    "heading": "会议纪要",
    "present": ["主任（甲）", "主任（乙）"],
    "recused": ["乙回避 NQ-002：演练：曾任顾问", "乙回避 —：演练：亲属任职", "丙回避 NQ-003：演练：亲属任职"],
    "paragraphs": ["参加排序3案，决定入围2案。", "不足额的理由：NQ-002 尚有争议", "排序依据的数据摘要：00"],
    "decisions": [
        line(1, "入围", "第1名，按排序"),
        line(2, "入围", "第2名（同分），按排序"),
        line(3, "不入围", "第2名（同分），与演练企业002同分，取其一"),
    ],
}


def test_nothing_of_the_case_is_left_and_ranks_and_counts_are_those_of_the_rest() -> None:
    found = redacted(MINUTE, {"NQ-002"}, {"演练企业002"})

    assert found is not None
    assert found["heading"] == "会议纪要（节本）"
    assert found["paragraphs"] == ["参加排序2案，决定入围1案。", OMITTED, "排序依据的数据摘要：00", NOTE]
    assert found["decisions"] == [line(1, "入围", "按排序"), line(3, "不入围", OMITTED)]
    assert found["recused"] == ["丙回避 NQ-003：演练：亲属任职"]
    assert found["present"] == MINUTE["present"]


def test_a_number_that_only_begins_like_that_of_the_case_stays() -> None:
    minute = {
        **MINUTE,
        "decisions": [line(1, "入围", "按排序"), {**line(1, "入围", "按排序"), "subject": "NQ-0012 丁"}],
    }
    found = redacted(minute, {"NQ-001"}, set())

    assert found is not None
    assert [one["subject"] for one in found["decisions"]] == ["NQ-0012 丁"]


def test_of_a_minute_about_that_case_alone_nothing_is_left() -> None:
    assert redacted({**MINUTE, "decisions": [line(2, "递补", "按排序")]}, {"NQ-002"}, set()) is None
