"""One value, one byte string: canonical JSON refuses what has no single form."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.kernel.canonical import canonical, digest, digest_bytes, instant, plain, plain_decimal

WORDS = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | WORDS
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.uuids()
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner), max_leaves=20)


class Colour(StrEnum):
    RED = "红"


class Sheet(BaseModel):
    total: Decimal
    on: date
    colour: Colour = Colour.RED


@given(VALUES)
def test_canonical_bytes_are_json_of_the_plain_value(value: Any) -> None:
    assert json.loads(canonical(value)) == plain(value)


@given(VALUES)
def test_canonical_form_of_the_plain_value_is_the_same(value: Any) -> None:
    assert canonical(plain(value)) == canonical(value)


@given(st.dictionaries(WORDS, LEAVES, min_size=2))
def test_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(list(value.items())))) == canonical(value)


@given(VALUES)
def test_digest_is_sha256_of_the_bytes(value: Any) -> None:
    assert digest(value) == sha256(canonical(value)).hexdigest() == digest_bytes(canonical(value))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_decimal_keeps_its_value_without_exponent_or_trailing_zeros(number: Decimal) -> None:
    text = plain_decimal(number)

    assert Decimal(text) == number
    assert set(text) <= set("-0123456789.")
    assert not ("." in text and text.endswith(("0", ".")))
    assert text != "-0"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.integers(0, 5))
def test_equal_decimals_have_one_form_however_many_zeros_they_are_written_with(number: Decimal, zeros: int) -> None:
    padded = Decimal(f"{number}{'0' * zeros}")

    assert plain_decimal(padded) == plain_decimal(number)


@pytest.mark.parametrize(
    ("number", "text"),
    [("1E+3", "1000"), ("-0.00", "0"), ("0.50", "0.5"), ("100", "100"), ("1.10E-3", "0.0011"), ("-7.0", "-7")],
)
def test_decimal_in_plain_notation(number: str, text: str) -> None:
    assert plain_decimal(Decimal(number)) == text


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-12 * 60, 14 * 60))
def test_the_same_instant_in_another_zone_has_the_same_form(moment: datetime, minutes: int) -> None:
    try:
        elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        return

    assert instant(elsewhere) == instant(moment)


def test_instant_has_microseconds_and_z() -> None:
    assert instant(datetime(999, 1, 1, tzinfo=UTC)) == "0999-01-01T00:00:00.000000Z"
    assert instant(datetime(2026, 1, 5, 1, tzinfo=UTC)) == "2026-01-05T01:00:00.000000Z"


@pytest.mark.parametrize("value", [0.5, float("nan"), 1.0, b"bytes", object(), 1j])
@pytest.mark.parametrize("within", [lambda v: v, lambda v: [v], lambda v: {"key": {"inner": (v,)}}])
def test_a_float_or_an_unknown_type_is_refused_at_any_depth(value: object, within: Any) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical(within(value))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(TypeError, match="naive"):
        canonical({"at": datetime(2026, 1, 5, 9)})  # noqa: DTZ001 - what is refused


def test_models_enums_ids_and_sets() -> None:
    one, other = UUID(int=1), UUID(int=2)

    assert canonical(Sheet(total=Decimal("90.50"), on=date(2026, 5, 7))) == (
        '{"colour":"红","on":"2026-05-07","total":"90.5"}'.encode()
    )
    assert plain({other, one}) == [str(one), str(other)]
    assert plain({Colour.RED: True}) == {"红": True}


def test_a_truth_value_is_not_a_number() -> None:
    assert canonical([True, 1, "1"]) == b'[true,1,"1"]'
