"""Credit codes: what passes, what is refused in which words, and the check character against python-stdnum."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from shared.kernel.credit_code import BadCreditCode, check_credit_code, make_credit_code

INVENTED = make_credit_code("91370200MA3YL0001")
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PREFIXES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["91", "92", "93"]),
        st.text("0123456789", min_size=6, max_size=6),
        st.text(ALPHABET, min_size=9, max_size=9),
    ),
)


def test_a_valid_code_is_returned_as_it_is() -> None:
    assert check_credit_code("91110000600037341L") == "91110000600037341L"


@pytest.mark.parametrize(
    "written",
    ["91110000600037341l", " 9111 0000 6000 3734 1L ", "９１１１００００６０００３７３４１Ｌ", "911100-00600037341-L"],
)
def test_other_ways_of_writing_are_made_plain(written: str) -> None:
    assert check_credit_code(written) == "91110000600037341L"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "应为18位，现为0位"),
        ("91110000600037341", "应为18位，现为17位"),
        ("91110000600037341LL", "应为18位，现为19位"),
        ("9111000060003734IL", "第17位“I”不会出现在代码中"),
        ("91110000600037341号", "第18位“号”不会出现在代码中"),
        ("911100A0600037341L", "第3至8位应为6位数字"),
        ("91110000600037341M", "校验位不符"),
        ("91110000600037314L", "校验位不符"),
    ],
)
def test_bad_codes_are_refused_plainly(code: str, message: str) -> None:
    with pytest.raises(BadCreditCode) as refused:
        check_credit_code(code)

    assert message in refused.value.message
    assert (refused.value.code, refused.value.field) == ("bad_credit_code", "credit_code")


def test_codes_of_other_registrars_pass() -> None:
    assert check_credit_code(make_credit_code("N2370212MF0000001"))


@pytest.mark.parametrize("prefix", ["", "91370200MA3YL001", "91370200MA3YL00011", "9137020OMA3YL0001"])
def test_only_17_proper_places_get_a_check_character(prefix: str) -> None:
    with pytest.raises(BadCreditCode):
        make_credit_code(prefix)


@settings(deadline=None, derandomize=True)
@given(PREFIXES)
def test_made_codes_pass_here_and_in_stdnum(prefix: str) -> None:
    code = make_credit_code(prefix)

    assert check_credit_code(code) == uscc.validate(code) == code


@settings(deadline=None, derandomize=True)
@given(PREFIXES, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_place_never_passes(prefix: str, place: int, character: str) -> None:
    code = make_credit_code(prefix)
    wrong = code[:place] + character + code[place + 1 :]

    if wrong != code:
        with pytest.raises(BadCreditCode):
            check_credit_code(wrong)


def test_invented_codes_are_stable() -> None:
    assert INVENTED[:17] == "91370200MA3YL0001"
    assert uscc.is_valid(INVENTED)
