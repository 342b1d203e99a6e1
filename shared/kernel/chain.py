"""Hash chains: one value fixes everything before it."""

from collections.abc import Mapping

from shared.kernel.canonical import digest

GENESIS = "0" * 64


def link(previous: str, number: int, kind: str, entry: str) -> str:
    """The chain value of a source's audit entry."""
    return digest({"previous": previous, "number": number, "type": kind, "digest": entry})


def ledger_link(previous: str, entry: Mapping[str, object]) -> str:
    """The chain value of a ledger entry: of the entry as it is handed out, without its own ``chain``."""
    return digest({**entry, "previous": previous})
