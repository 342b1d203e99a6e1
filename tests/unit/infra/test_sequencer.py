"""The chain: each value fixes everything before it; the entry shows nothing of what it was made from."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.infra.sequencer import GENESIS, entry_digest, link
from shared.infra.tables import Audit

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
ENTRIES = st.lists(st.tuples(st.sampled_from(["stage.opened", "stage.closed"]), HEX), min_size=1, max_size=6)


def chain_of(entries: list[tuple[str, str]]) -> list[str]:
    chain = [GENESIS]
    for number, (kind, entry) in enumerate(entries, 1):
        chain.append(link(chain[-1], number, kind, entry))
    return chain


@given(ENTRIES, HEX, st.data())
def test_a_changed_entry_changes_every_later_link(
    entries: list[tuple[str, str]], other: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    changed = [*entries[:place], (entries[place][0], other), *entries[place + 1 :]]

    first, second = chain_of(entries), chain_of(changed)

    assert first[: place + 1] == second[: place + 1]
    if entries[place][1] != other:
        assert all(a != b for a, b in zip(first[place + 1 :], second[place + 1 :], strict=True))


def test_a_link_that_was_written_never_changes() -> None:
    assert link(GENESIS, 1, "stage.opened", "a" * 64) == (
        "4e93c68dde95a2242a03700941d1e239dd406909c3ba33260ae4ddb3b1ae4a21"
    )


def audit_row(**changed: Any) -> Audit:
    values: dict[str, Any] = {
        "occurred_at": datetime(2026, 1, 5, 1, tzinfo=UTC),
        "actor_id": UUID(int=1),
        "action": "case.decided",
        "cycle_id": UUID(int=2),
        "category_id": UUID(int=3),
        "case_id": UUID(int=4),
        "stage_id": UUID(int=5),
        "details": {"outcome": "passed"},
        "public": None,
        "salt": "00ff",
    }
    return Audit(**{**values, **changed})


def test_every_part_of_a_row_counts_in_its_digest() -> None:
    later = datetime(2026, 1, 6, tzinfo=UTC)
    changes: list[dict[str, Any]] = [
        {"occurred_at": later},
        {"actor_id": None},
        {"action": "case.amended"},
        {"cycle_id": UUID(int=9)},
        {"category_id": UUID(int=9)},
        {"case_id": UUID(int=9)},
        {"stage_id": UUID(int=9)},
        {"details": {"outcome": "rejected"}},
        {"public": "f" * 64},
        {"salt": "00fe"},
    ]

    digests = {entry_digest(audit_row(**changed)) for changed in [{}, *changes]}

    assert len(digests) == len(changes) + 1


def test_number_chain_and_trace_do_not_count() -> None:
    assert entry_digest(audit_row(number=7, chain="x", trace="t")) == entry_digest(audit_row())
