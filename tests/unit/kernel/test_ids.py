"""Ids follow from what the caller brings, and from nothing else."""

from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import derived_id, uuid7

MOMENTS = st.integers(0, 2**48 - 1)
BITS = st.integers(0, 2**74 - 1)


@given(MOMENTS, BITS)
def test_uuid7_has_its_version_variant_time_and_bits(unix_ms: int, random_bits: int) -> None:
    made = uuid7(unix_ms, random_bits)

    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == unix_ms
    assert (made.int >> 64 & 0xFFF) << 62 | made.int & (1 << 62) - 1 == random_bits


@given(MOMENTS, MOMENTS, BITS, BITS)
def test_uuid7_sorts_by_time(first: int, second: int, bits: int, other: int) -> None:
    if first < second:
        assert uuid7(first, bits) < uuid7(second, other)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=3))
def test_derived_id_follows_from_its_parts(parts: list[str]) -> None:
    assert derived_id(*parts) == derived_id(*parts)


def test_derived_ids_that_are_written_somewhere_never_change() -> None:
    assert str(derived_id("enterprise", "91370200MA3TEST001")) == "1e937bc6-99e7-59c3-8a22-63ba61988241"
    assert derived_id("department", "1") == derived_id("department", 1)
