"""前后不一致 in a filing: what the rulebook's checks for one case find, and what has to be settled before it passes."""

from collections.abc import Collection, Mapping, Sequence

from shared.kernel.refusals import Conflict
from shared.rulebook import Finding, Rulebook, check_case, read_figures

Inconsistency = Finding


def inconsistencies_in(
    rulebook: Rulebook, category_key: str, stored: Mapping[str, object], credit_code: str | None
) -> tuple[Inconsistency, ...]:
    """What does not agree in the figures as they stand; empty where the rulebook declares no checks."""
    figures = read_figures(rulebook.category(category_key), stored).figures
    return check_case(rulebook, category_key, figures, credit_code)


def still_open(found: Sequence[Inconsistency], waived: Collection[str]) -> list[Inconsistency]:
    """Those of substance that nobody has waived; a waiver holds as long as the figures stay what they were."""
    return [one for one in found if one.severity != "info" and one.digest not in waived]


def require_settled(found: Sequence[Inconsistency], waived: Collection[str]) -> None:
    """Refuse to pass a case with an open inconsistency."""
    unsettled = still_open(found, waived)
    if unsettled:
        message = f"还有{len(unsettled)}处前后不一致没有处理：{unsettled[0].message}请要求整改，或写明理由后认可。"
        raise Conflict("open_inconsistencies", message)


def find_open(found: Sequence[Inconsistency], waived: Collection[str], digest: str) -> Inconsistency:
    """The open inconsistency of that digest.

    Raises:
        Conflict: it was waived already, or the figures have changed since it was read.
    """
    if digest in waived:
        raise Conflict("already_waived", "这处前后不一致已经认可。")
    for one in found:
        if one.digest == digest:
            return one
    raise Conflict("no_such_inconsistency", "没有这处前后不一致，申报内容可能已经更正，请刷新后再办。")
