"""Refusals carry what a person needs; their status follows from their kind."""

import pytest

from shared.kernel.refusals import Conflict, FieldProblem, NotAllowed, NotFound, NotSignedIn, Refusal, TooLarge


def test_a_refusal_carries_code_sentence_field_article_and_problems() -> None:
    problem = FieldProblem("figures.revenue", "decimal_parsing", "请填写数字。")
    refusal = Refusal("figure", "“营业收入”不是数字。", field="figures.revenue", article="第十二条", problems=[problem])

    assert (refusal.status, refusal.code, refusal.field, refusal.article) == (
        422,
        "figure",
        "figures.revenue",
        "第十二条",
    )
    assert refusal.problems == (problem,)
    assert str(refusal) == "figure: “营业收入”不是数字。"


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Conflict("decided", "已经决定。"), 409),
        (NotFound(), 404),
        (NotAllowed(), 403),
        (NotSignedIn(), 401),
        (TooLarge("too_large", "文件过大。"), 413),
    ],
)
def test_status_follows_from_the_kind(refusal: Refusal, status: int) -> None:
    assert refusal.status == status
    assert refusal.message.endswith("。")
