"""Names: what nobody sees in them is refused, everything that can be seen is kept as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.names import seen_name, unseen_in
from shared.kernel.refusals import Refusal

TURNING = [chr(one) for one in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)]
NO_WIDTH = [chr(one) for one in (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x180E)]
CONTROLS = [chr(one) for one in (*range(0x20), *range(0x7F, 0xA0))]
DRAWN_AS_NOTHING = ["\u3164", "\uffa0", "\u2800", "\u2028", "\u2029"]
SEEN = st.text(st.sampled_from("青岛演练企业有限公司（）·ABCabc 123-.&\u3000𠮷𰻞é"), min_size=1, max_size=40)


@given(before=SEEN, sign=st.sampled_from(TURNING + NO_WIDTH + CONTROLS + DRAWN_AS_NOTHING), after=SEEN)
def test_a_sign_that_nobody_sees_is_refused_wherever_it_stands_and_named(before: str, sign: str, after: str) -> None:
    with pytest.raises(Refusal) as refused:
        seen_name(f"甲{before}{sign}{after}乙", "name")

    assert (refused.value.code, refused.value.field) == ("unseen_sign", "name")
    assert f"U+{ord(sign):04X}" in refused.value.message


@given(SEEN)
def test_a_name_that_can_be_seen_is_kept_without_the_blanks_around_it(name: str) -> None:
    assert seen_name(f"  {name} ", "name") == name.strip()


@given(st.text(max_size=60))
def test_what_is_kept_holds_no_unseen_sign_at_all(name: str) -> None:
    try:
        kept = seen_name(name, "title")
    except Refusal:
        assert unseen_in(name.strip()) is not None
    else:
        assert unseen_in(kept) is None
        assert kept == name.strip()
