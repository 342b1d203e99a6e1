"""The ledger: every audited act stands in it, chained, without gaps, under a signed checkpoint."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from deploy.stack import Stack
from shared.contracts.facts import AuditEntry, AuditSequenced
from shared.kernel.chain import GENESIS, ledger_link, link
from tests.integration.office.neighbours import Office, publish
from tests.integration.servers import eventually


def run_of(first: int, previous: str, count: int = 2) -> tuple[AuditEntry, ...]:
    entries = []
    for number in range(first, first + count):
        digest = uuid4().hex * 2
        previous = link(previous, number, "test.done", digest)
        entries.append(
            AuditEntry(
                number=number,
                type="test.done",
                digest=digest,
                chain=previous,
                occurred_at=datetime(2026, 1, 5, tzinfo=UTC),
            )
        )
    return tuple(entries)


def all_entries(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := office.get(
        "auditor1", "/api/office/ledger/entries", params={"from": len(found) + 1, "limit": 500}
    ).json():
        found += page
    return found


def source(office: Office, name: str) -> dict[str, Any]:
    sources = office.get("auditor1", "/api/office/ledger/sources").json()
    return next((one for one in sources if one["source"] == name), {"number": 0, "chain": GENESIS})


def test_the_chain_holds_from_the_first_entry_to_the_checkpoint(office: Office) -> None:
    office.open_cycle("总账", "little-giant-performance")
    eventually(
        lambda: office.get("auditor1", "/api/office/ledger/checkpoint").json()["size"] == len(all_entries(office)),
        "no checkpoint of the whole ledger",
    )

    checkpoint = office.get("auditor1", "/api/office/ledger/checkpoint").json()
    entries = all_entries(office)[: checkpoint["size"]]
    chain = GENESIS
    for entry in entries:
        stated = entry.pop("chain")
        chain = ledger_link(chain, entry)
        assert chain == stated
    assert chain == checkpoint["head"]
    numbers = [entry["number"] for entry in entries if entry["source"] == "office"]
    assert all(after == before + 1 for before, after in pairwise(numbers))


def test_the_checkpoint_is_a_note_that_the_public_key_verifies(office: Office) -> None:
    text = office.get("auditor1", "/api/office/ledger/checkpoint").json()["text"]
    key = office.get("auditor1", "/api/office/ledger/public-key").json()["hex"]

    body, signature = text.split("\n\n")
    signer, value = signature.removeprefix("— ").split()

    assert signer == "fangbang-office"
    assert body.startswith("fangbang.ledger/演练/")
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(value), f"{body}\n".encode())


def test_a_run_that_comes_early_waits_for_the_one_before_and_shows_the_gap(office: Office, stack: Stack) -> None:
    head = source(office, "review")
    first = run_of(head["number"] + 1, head["chain"])
    second = run_of(first[-1].number + 1, first[-1].chain)

    publish(stack, "review", AuditSequenced(source="review", entries=second))
    eventually(lambda: gap_before(office, second), "no gap is shown")
    publish(stack, "review", AuditSequenced(source="review", entries=first))

    eventually(lambda: source(office, "review")["number"] == second[-1].number, "the gap was not closed")
    assert not gap_before(office, second)


def gap_before(office: Office, run: tuple[AuditEntry, ...]) -> bool:
    gaps = office.get("auditor1", "/api/office/ledger/gaps").json()
    return any((gap["source"], gap["first"]) == ("review", run[0].number) for gap in gaps)


def test_a_run_that_contradicts_the_ledger_is_not_appended(office: Office, stack: Stack) -> None:
    head = source(office, "ranking")
    true = run_of(head["number"] + 1, head["chain"])
    publish(stack, "ranking", AuditSequenced(source="ranking", entries=true))
    eventually(lambda: source(office, "ranking")["number"] == true[-1].number, "not appended")

    publish(stack, "ranking", AuditSequenced(source="ranking", entries=run_of(true[-1].number + 1, GENESIS)))
    publish(stack, "ranking", AuditSequenced(source="ranking", entries=run_of(true[0].number, head["chain"])))
    more = run_of(true[-1].number + 1, true[-1].chain)
    publish(stack, "ranking", AuditSequenced(source="ranking", entries=more))

    eventually(lambda: source(office, "ranking")["number"] == more[-1].number, "the true run was not appended")
    assert source(office, "ranking")["chain"] == more[-1].chain


def test_appending_and_signing_feed_nothing_back(office: Office) -> None:
    def size() -> int:
        return int(source(office, "office")["number"])

    eventually(lambda: _still(size), "the ledger goes on growing by itself")


def _still(size: Callable[[], int]) -> bool:
    before = size()
    time.sleep(4)
    return bool(size() == before)
