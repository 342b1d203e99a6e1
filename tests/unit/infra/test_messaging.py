"""Subjects, retry delays and the shape of the stream: what needs no server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType

from shared.contracts.facts import CycleOpened, StageOpened
from shared.contracts.names import ServiceName
from shared.infra.database import Tx
from shared.infra.messaging import (
    LONGEST_DELAY,
    TRIES,
    Interest,
    Interests,
    consumer_config,
    delay_after,
    matches,
    stream_config,
)

WORD = st.text("abcdefghij_", min_size=1, max_size=6)
SUBJECT = st.lists(WORD, min_size=1, max_size=5)


@given(SUBJECT)
def test_a_subject_matches_itself(words: list[str]) -> None:
    assert matches(".".join(words), ".".join(words))


@given(SUBJECT, st.data())
def test_a_star_stands_for_any_one_word(words: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    pattern = [*words[:place], "*", *words[place + 1 :]]

    assert matches(".".join(pattern), ".".join(words))
    assert not matches(".".join([*pattern, "*"]), ".".join(words))


@pytest.mark.parametrize(
    ("pattern", "subject", "fits"),
    [
        ("*.stage.opened.v1", "review.stage.opened.v1", True),
        ("*.stage.opened.v1", "review.stage.opened.v2", False),
        ("*.stage.opened.v1", "review.stage.opened", False),
        ("review.stage.opened.v1", "office.stage.opened.v1", False),
    ],
)
def test_examples(pattern: str, subject: str, fits: bool) -> None:
    assert matches(pattern, subject) is fits


def test_delays_grow_with_jitter_up_to_a_limit() -> None:
    for deliveries in range(1, TRIES + 12):
        middle = min(0.25 * 2 ** (deliveries - 1), LONGEST_DELAY)
        assert 0.8 * middle <= delay_after(deliveries) <= 1.2 * middle


def test_all_tries_together_end_within_a_minute_or_two() -> None:
    assert sum(1.2 * 0.25 * 2 ** (number - 1) for number in range(1, TRIES)) < 120


def test_the_stream_keeps_facts_on_disk_and_refuses_when_full() -> None:
    config = stream_config()

    assert config.storage is StorageType.FILE
    assert config.retention is RetentionPolicy.LIMITS
    assert config.discard is DiscardPolicy.NEW
    assert config.subjects == [f"{name.value}.>" for name in ServiceName]


async def _take(_tx: Tx, _fact: object) -> None:
    return None


def test_interests_are_grouped_into_durable_consumers() -> None:
    interests = Interests("ranking")
    interests.on("cycles", CycleOpened, source="office")(_take)
    interests.on("stages", StageOpened)(_take)
    interests.on("stages", StageOpened, source="review")(_take)

    assert {name: [one.subject for one in wanted] for name, wanted in interests.purposes().items()} == {
        "cycles": ["office.cycle.opened.v1"],
        "stages": ["*.stage.opened.v1", "review.stage.opened.v1"],
    }


def test_a_consumer_is_durable_explicit_and_counts_its_tries_itself() -> None:
    wanted = [Interest("stages", StageOpened, "*.stage.opened.v1", _take)] * 2
    config = consumer_config("ranking-stages", wanted)

    assert (config.durable_name, config.max_deliver, config.filter_subjects) == (
        "ranking-stages",
        -1,
        ["*.stage.opened.v1"],
    )
