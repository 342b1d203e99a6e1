"""Reads the rulebooks that ship with the product, and an office's own. The only place that knows they are files."""

from functools import cache
from pathlib import Path

from shared.kernel.refusals import NotFound
from shared.rulebook import Rulebook, load_rulebook

SHIPPED = Path(__file__).resolve().parent.parent / "rulebook" / "rulebooks"
_folders = [SHIPPED]


class UnknownRulebookVersion(NotFound):
    """A cycle pins a rulebook or a digest that this installation does not hold."""

    def __init__(self, rulebook_id: str, digest: str) -> None:
        super().__init__(
            f"本系统没有实施办法“{rulebook_id}”的这一版本（摘要 {digest[:12]}…）。", "unknown_rulebook_version"
        )


def install_rulebooks(folder: Path) -> None:
    """Offer the rulebooks of a further folder beside the shipped ones; called once, when a process starts."""
    if folder not in _folders:
        _folders.append(folder)
        load_shipped.cache_clear()


@cache
def load_shipped() -> dict[str, Rulebook]:
    """All installed rulebooks by id, read and validated once per process.

    Raises:
        RulebookRefused: a file is not a valid rulebook.
    """
    paths = [path for folder in _folders for path in sorted(folder.glob("*.yaml"))]
    books = [load_rulebook(path.read_text(encoding="utf-8")) for path in paths]
    return {book.id: book for book in books}


def by_digest(rulebook_id: str, digest: str) -> Rulebook:
    """The exact version that a cycle pinned.

    Raises:
        UnknownRulebookVersion: there is no such rulebook, or its digest is another.
    """
    book = load_shipped().get(rulebook_id)
    if book is None or book.digest != digest:
        raise UnknownRulebookVersion(rulebook_id, digest)
    return book
