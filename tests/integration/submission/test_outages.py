"""Receipts while NATS and Temporal stand still, and everything going on when they return."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from deploy.stack import Stack
from tests.integration.servers import eventually
from tests.integration.submission.desk import API, FIGURES, Desk, good


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


def test_a_receipt_comes_within_a_second_while_nats_and_temporal_stand_still_and_then_all_goes_on(
    desk: Desk, stack: Stack
) -> None:
    place = desk.category()
    window = desk.begin(place)
    one = desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id, figures=["revenue_this_year"])

    with standing_still(stack, "nats", "temporal"):
        begun = time.monotonic()
        receipt = good(desk.submit(one, case_id))
        taken = time.monotonic() - begun
        again = good(one.client.get(f"{API}/applications/{case_id}/receipt"))
        document = one.client.get(f"{API}/applications/{case_id}/receipt.pdf")
        assert desk.outside.heard("submission.application.accepted.v1", case_id=case_id) == []

    assert taken < 1.0, f"{taken:.3f} s to the receipt"
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
