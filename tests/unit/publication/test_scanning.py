"""What may not become public is found; what only looks like it is let through."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.publication.domain.scanning import PersonalData, require_clean, scan
from shared.kernel.credit_code import make_credit_code

CODE = make_credit_code("91370200MA3ABCDE1")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("身份证 370202199001011234。", "identity_number"),
        ("身份证37020219900101123X", "identity_number"),
        ("联系电话 13800138000", "mobile"),
        ("联系电话 138 0013 8000", "mobile"),
        ("卡号 6222021234567890128", "bank_card"),
        ("卡号 4111 1111 1111 1111", "bank_card"),
        (f"信用代码 {CODE}", "credit_code"),
    ],
)
def test_personal_number_is_found(text: str, kind: str) -> None:
    found = [finding.kind for finding in scan(text)]

    assert kind in found


@pytest.mark.parametrize(
    "text",
    [
        "演练企业001 案号 XZ-2026-001 得分 98.50",
        "2026-05-07T01:00:00.000000Z",
        "摘要 12345678 90123456 78901234",
        "1234567890123456",
        "收入 1300000000 元",
        "电话 0532-85912345",
    ],
)
def test_harmless_text_is_clean(text: str) -> None:
    assert scan(text) == ()


def test_code_that_the_rulebook_discloses_is_let_through() -> None:
    other = make_credit_code("91370200MA3ABCDE2")

    assert scan(f"{CODE}", {CODE}) == ()
    assert [finding.kind for finding in scan(f"{CODE} {other}", {CODE})] == ["credit_code"]


def test_all_digit_code_that_is_disclosed_is_not_taken_for_a_bank_card() -> None:
    digits = next(code for code in (make_credit_code(f"9137020000000{n:04d}") for n in range(3000)) if code.isdigit())

    assert scan(digits, {digits}) == ()


def test_refusal_says_where_but_never_what() -> None:
    with pytest.raises(PersonalData) as refused:
        require_clean("list.json", "电话 13800138000")

    assert refused.value.message == "list.json 含有不能公开的内容：手机号码（第4字）。请先更正。"


@given(st.binary(min_size=1, max_size=64))
def test_digests_and_ids_are_never_hits(content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    grouped = " ".join(digest[at : at + 8] for at in range(0, 64, 8))

    assert scan(f"{digest} {UUID(digest[:32])} {grouped}") == ()


@given(st.integers(0, 10**8 - 1), st.sampled_from("3456789"), st.sampled_from(["", "\n", "，", "：", '"']))
def test_every_mobile_number_is_found(tail: int, second: str, edge: str) -> None:
    number = f"1{second}{tail:09d}"[:11]

    assert "mobile" in [finding.kind for finding in scan(f"{edge}{number}{edge}")]
