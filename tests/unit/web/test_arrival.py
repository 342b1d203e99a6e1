"""A request is judged by when it came in, as the server in front says."""

from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from time import time

import pytest

from shared.web.arrival import arrival, note_arrival, received_at

NOW = datetime(2026, 5, 7, 9, tzinfo=UTC)
STALL = timedelta(seconds=10)
"""How long a busy machine may stop a test anywhere."""


def came(header: bytes | None) -> timedelta:
    """How long before its transaction a request with this header is taken to have come."""

    def ask() -> timedelta:
        note_arrival([] if header is None else [(b"host", b"a"), (b"x-request-start", header)])
        return NOW - received_at(NOW)

    return copy_context().run(ask)


def test_the_wait_before_this_process_counts_as_received() -> None:
    said = f"t={int((time() - 2.5) * 1000)}".encode()

    assert timedelta(seconds=2.4) < came(said) < timedelta(seconds=2.5) + STALL


@pytest.mark.parametrize("header", [None, b"", b"t=", b"soon", b"t=-5", b"t=1.5", b"t=99999999999999999999999"])
def test_without_a_sensible_word_the_request_came_just_now(header: bytes | None) -> None:
    assert timedelta(0) <= came(header) < STALL


def test_an_instant_to_come_is_taken_as_now_and_one_long_ago_as_half_a_minute() -> None:
    assert came(f"t={int((time() + 3600) * 1000)}".encode()) < STALL
    assert timedelta(seconds=30) <= came(b"t=1") < timedelta(seconds=30) + STALL


def test_outside_a_request_the_instant_is_that_of_the_transaction() -> None:
    assert NOW - received_at(NOW, arrival()) < STALL
