"""Rules of the ledger: runs follow on without gaps, chains hold, a checkpoint is a note that anybody can check."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from shared.contracts.facts import AuditEntry
from shared.kernel.canonical import instant
from shared.kernel.chain import link

SIGNER = "fangbang-office"


class BrokenChain(Exception):
    """A source's entries do not follow from what the ledger holds of it; nothing was appended."""


class Place(StrEnum):
    """Where a run of entries belongs, seen from the head of its source."""

    NEXT = "next"
    LATER = "later"
    KNOWN = "known"


def place_of(run: Sequence[AuditEntry], head: int) -> Place:
    """Whether a run comes next, must wait for the ones before it, or is in the ledger already.

    Raises:
        BrokenChain: the run is empty, has gaps of its own or overlaps the head.
    """
    numbers = [entry.number for entry in run]
    if not numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise BrokenChain("a run of entries is empty or has gaps")
    if numbers[0] == head + 1:
        return Place.NEXT
    if numbers[0] > head:
        return Place.LATER
    if numbers[-1] <= head:
        return Place.KNOWN
    raise BrokenChain(f"entries {numbers[0]} to {numbers[-1]} overlap the head {head}")


def check_chain(run: Sequence[AuditEntry], chain: str) -> str:
    """The chain value after a run that follows on ``chain``.

    Raises:
        BrokenChain: an entry's chain value is not what follows.
    """
    for entry in run:
        chain = link(chain, entry.number, entry.type, entry.digest)
        if chain != entry.chain:
            raise BrokenChain(f"the chain does not hold at entry {entry.number}")
    return chain


def checkpoint_body(origin: str, size: int, head: str, at: datetime) -> str:
    """What is signed: origin, number of entries, head of the chain, business time; a line each."""
    return f"{origin}\n{size}\n{head}\n{instant(at)}\n"


def checkpoint_text(body: str, signature: str) -> str:
    """The note as it is printed: body, blank line, signature line (Ed25519 over the body, hex)."""
    return f"{body}\n— {SIGNER} {signature}\n"
