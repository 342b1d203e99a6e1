"""Receipts while NATS and Temporal stand still, and everything going on when they return."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from deploy.stack import Stack
from tests.integration.servers import eventually
from tests.integration.submission.desk import API, FIGURES, Desk, Enterprise, good


@contextmanager
def standing_still(stack: Stack, *parts: str) -> Iterator[None]:
    """Stop these processes where they are: they hold their connections and answer nothing."""
    pids = [row.pid for row in stack.status() if row.part in parts and row.pid is not None]
    assert len(pids) == len(parts)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _ready(desk: Desk, window: UUID) -> tuple[Enterprise, str]:
    """An enterprise whose filing can be handed in."""
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id, figures=["revenue_this_year"])
    return one, case_id


def _handed_in(desk: Desk, one: Enterprise, case_id: str) -> tuple[float, dict[str, Any]]:
    """How many seconds the receipt took, and the receipt."""
    begun = time.monotonic()
    receipt = good(desk.submit(one, case_id))
    return time.monotonic() - begun, receipt


def test_a_receipt_comes_within_a_second_while_nats_and_temporal_stand_still_and_then_all_goes_on(
    desk: Desk, stack: Stack
) -> None:
    place = desk.category()
    window = desk.begin(place)
    one, case_id = _ready(desk, window)
    usual, _ = _handed_in(desk, *_ready(desk, window))

    with standing_still(stack, "nats", "temporal"):
        taken, receipt = _handed_in(desk, one, case_id)
        again = good(one.client.get(f"{API}/applications/{case_id}/receipt"))
        document = one.client.get(f"{API}/applications/{case_id}/receipt.pdf")
        assert desk.outside.heard("submission.application.accepted.v1", case_id=case_id) == []

    # A machine on which it always takes longer is busy with something else.
    assert taken < max(1.0, 5 * usual), f"{taken:.3f} s to the receipt, {usual:.3f} s before"
    assert receipt["digest"] == again["digest"]
    assert document.content.startswith(b"%PDF-")
    eventually(
        lambda: desk.outside.heard("submission.application.accepted.v1", case_id=case_id), "the fact never leaves"
    )
    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))
    eventually(lambda: desk.state(one, case_id) == "rectifying", "the case does not go on")


def test_anybody_can_check_a_receipt_and_learns_nothing_else(desk: Desk) -> None:
    one = desk.enterprise()
    case_id = desk.file(one, desk.begin(desk.category()))
    receipt = good(one.client.get(f"{API}/applications/{case_id}/receipt"))
    link = urlsplit(receipt["check"])
    assert link.path == "/portal/receipts"

    genuine = desk.anonymous.get(f"{link.path}?{link.query}", headers={"Accept": "text/html"})
    forged = desk.anonymous.get(
        f"{link.path}?{link.query.replace(receipt['number'], 'NQ-2025-999')}", headers={"Accept": "text/html"}
    )

    assert "三者相符" in genuine.text
    assert "三者相符" not in forged.text
    assert "没有给出过" in forged.text
    for page in (genuine.text, forged.text):
        assert one.name not in page
        assert case_id not in page
