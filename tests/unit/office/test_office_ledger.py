"""Runs follow on without gaps, chains hold, a checkpoint is a note."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.office.ledger.domain import BrokenChain, Place, check_chain, checkpoint_body, checkpoint_text, place_of
from shared.contracts.facts import AuditEntry
from shared.kernel.chain import GENESIS, ledger_link, link

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)


def run(first: int, count: int, chain: str = GENESIS) -> tuple[AuditEntry, ...]:
    entries = []
    for number in range(first, first + count):
        digest = f"{number:064x}"
        chain = link(chain, number, "act.done", digest)
        entries.append(AuditEntry(number=number, type="act.done", digest=digest, chain=chain, occurred_at=AT))
    return tuple(entries)


@pytest.mark.parametrize(
    ("first", "head", "place"), [(1, 0, Place.NEXT), (6, 5, Place.NEXT), (8, 5, Place.LATER), (1, 5, Place.KNOWN)]
)
def test_the_place_of_a_run(first: int, head: int, place: Place) -> None:
    assert place_of(run(first, 3), head) is place


@pytest.mark.parametrize("entries", [(), run(1, 1) + run(3, 1)], ids=["empty", "gap inside"])
def test_a_run_with_gaps_of_its_own_is_broken(entries: tuple[AuditEntry, ...]) -> None:
    with pytest.raises(BrokenChain):
        place_of(entries, 0)


def test_a_run_across_the_head_is_broken() -> None:
    with pytest.raises(BrokenChain):
        place_of(run(4, 3), 5)


@given(st.integers(1, 30), st.integers(0, 29), st.sampled_from(["digest", "type", "number"]))
def test_no_entry_can_be_changed_without_breaking_the_chain(count: int, at: int, field: str) -> None:
    entries = list(run(1, count))
    changed = {"digest": "f" * 64, "type": "act.other", "number": 999}[field]
    entries[at % count] = entries[at % count].model_copy(update={field: changed})

    assert check_chain(run(1, count), GENESIS) == run(1, count)[-1].chain
    with pytest.raises(BrokenChain):
        check_chain(entries, GENESIS)


def test_a_ledger_entry_is_bound_with_its_public_digest() -> None:
    entry = {"index": 1, "source": "review", "public": "a" * 64}

    assert ledger_link(GENESIS, entry) != ledger_link(GENESIS, {**entry, "public": "b" * 64})
    assert ledger_link(GENESIS, entry) == ledger_link(GENESIS, dict(reversed(entry.items())))


def test_a_checkpoint_reads_as_a_note() -> None:
    body = checkpoint_body("fangbang.ledger/演练/x", 12, "e" * 64, AT)

    assert checkpoint_text(body, "00ff").splitlines() == [
        "fangbang.ledger/演练/x",
        "12",
        "e" * 64,
        "2026-01-05T01:00:00.000000Z",
        "",
        "— fangbang-office 00ff",
    ]
