"""The draw gives everybody the same panel, favours nobody, and shows every tampering."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.review.domain.draw import (
    FrozenList,
    commitment_to,
    draw_panel,
    place_below,
    require_enough,
    secret_bytes,
)
from services.review.verify_draw import verify_draw
from shared.kernel.canonical import canonical
from shared.kernel.refusals import Refusal
from tests.unit.review.lists import frozen_list, secret

SECRETS = st.integers(0, 2**256 - 1).map(secret)


def transcript(frozen: FrozenList, found: str) -> dict[str, Any]:
    document = {
        "list": frozen.model_dump(mode="json"),
        "list_digest": frozen.digest,
        "commitment": commitment_to(found),
        "secret": found,
        **draw_panel(frozen, found).model_dump(mode="json"),
    }
    read: dict[str, Any] = json.loads(canonical(document))
    return read


@settings(max_examples=60)
@given(SECRETS, st.integers(3, 12), st.integers(0, 2), st.integers(0, 4))
def test_draw_holds_its_rules_and_is_proven(found: str, each: int, least: int, alternates: int) -> None:
    frozen = frozen_list(each, seats=7, least=least, alternates=alternates)

    outcome = draw_panel(frozen, found)

    everybody = [one.expert for one in (*outcome.members, *outcome.alternates)]
    assert len(set(everybody)) == len(everybody)
    assert len(outcome.members) == 7
    assert all(sum(one.pool == pool.key for one in outcome.members) >= least for pool in frozen.pools)
    assert verify_draw(canonical(transcript(frozen, found))) == []


def test_draw_is_the_same_whatever_the_order_of_the_list() -> None:
    frozen = frozen_list()
    turned = frozen.model_copy(update={"eligible": tuple(reversed(frozen.eligible))})

    assert turned.digest != frozen.digest
    assert draw_panel(frozen, secret(1)) == draw_panel(frozen, secret(1))
    assert draw_panel(frozen, secret(1)) != draw_panel(frozen, secret(2))


def chi_square(counts: Counter[str], expected: float, kinds: int) -> float:
    return sum((count - expected) ** 2 / expected for count in counts.values()) + (kinds - len(counts)) * expected


def test_everybody_of_a_pool_is_drawn_equally_often() -> None:
    """3,000 draws from 5 a pool; χ² with 4 degrees of freedom, 18.5 is p = 0.001."""
    frozen, draws = frozen_list(5), 3000
    drawn: dict[str, Counter[str]] = {pool.key: Counter() for pool in frozen.pools}
    first = {pool.key: Counter[str]() for pool in frozen.pools}
    for number in range(draws):
        outcome = draw_panel(frozen, secret(number))
        for place, one in enumerate(outcome.members):
            drawn[one.pool][one.expert] += 1
            if place < len(frozen.pools):
                first[one.pool][one.expert] += 1

    for pool in drawn:
        assert chi_square(first[pool], draws / 5, 5) < 18.5
        assert chi_square(drawn[pool], drawn[pool].total() / 5, 5) < 18.5


def test_pools_share_the_free_seats_by_their_size() -> None:
    """The four free seats come from all who are left alike: hypergeometric means, within four standard errors."""
    frozen = frozen_list(6)
    pools = Counter(
        one.pool for number in range(2000) for one in draw_panel(frozen, secret(number)).members if one.because == "all"
    )

    assert all(abs(count - 2000 * 4 / 3) < 4 * 36 for count in pools.values())


def test_numbers_of_the_incomplete_block_are_thrown_away() -> None:
    span = 1 << 256
    limit = span - span % 7

    assert place_below(7, iter([limit, span - 1, 12])) == 5
    assert place_below(7, iter([limit - 1])) == 6


def change(document: dict[str, Any], path: str, value: object) -> bytes:
    *way, last = path.split(".")
    place: Any = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return canonical(document)


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("secret", secret(9), "密值与事先的承诺值不符"),
        ("commitment", "00" * 32, "密值与事先的承诺值不符"),
        ("list.eligible.0.expert", "somebody", "名单与名单摘要不符"),
        ("list.seats", 8, "名单与名单摘要不符"),
        ("list_digest", "00" * 32, "名单与名单摘要不符"),
        ("members.0.expert", "somebody", "抽中的专家与按种子重算的不符"),
        ("alternates.0.place", 2, "候补专家与按种子重算的不符"),
        ("seed", "00" * 32, "种子与按种子重算的不符"),
        ("list.algorithm", "other", "不认识的抽取算法：other"),
    ],
)
def test_tampering_is_found(path: str, value: object, found: str) -> None:
    document = transcript(frozen_list(), secret(1))

    assert verify_draw(change(document, path, value)) == [found]


def test_removed_member_is_found() -> None:
    document = transcript(frozen_list(), secret(1))
    document["members"].pop()

    assert verify_draw(canonical(document)) == ["抽中的专家与按种子重算的不符"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"no json", b'{"list": {}, "secret": "x"}'])
def test_what_is_no_transcript_is_not_proven(content: bytes) -> None:
    assert verify_draw(content)[0].startswith("不是抽取记录")


@pytest.mark.parametrize(
    ("each", "seats", "least", "code"), [(2, 7, 1, "panel_too_small"), (1, 3, 2, "pool_too_small")]
)
def test_list_too_short_is_refused(each: int, seats: int, least: int, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        require_enough(frozen_list(each, seats=seats, least=least))

    assert refusal.value.code == code


@pytest.mark.parametrize("found", ["", "00", "zz" * 32, "00" * 33])
def test_bad_secret_is_refused(found: str) -> None:
    with pytest.raises(Refusal) as refusal:
        secret_bytes(found)

    assert refusal.value.code == "bad_secret"
