"""Keeping a form while it is typed: field by field, each with who changed it last and when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import case_place
from services.submission.actions.filing import case_for_filing, reopened_fields
from services.submission.actions.rules import category_of
from services.submission.domain import filing
from services.submission.domain.drafting import Change, Clash, as_kept, left_blank, merge, sort_out, typed_in
from services.submission.tables import Case
from shared.infra.database import Tx


@dataclass(frozen=True)
class Saved:
    """The case as it is kept now, and what the person must decide."""

    case: Case
    clashes: tuple[Clash, ...]


async def save_draft(tx: Tx, case_id: UUID, changes: Sequence[Change]) -> Saved:
    """Merge what was typed into the form; a wrong value is kept as typed, a clash is not taken over.

    Refused as a whole where the form is not open, or a field of it is not.
    """
    case, rectification = await case_for_filing(tx, case_id)
    if rectification is not None:
        filing.require_reopened(reopened_fields(rectification), [change.field for change in changes])
    category = category_of(case)
    merged = merge(typed_in(case.entered, case.unsound), [as_kept(category, change) for change in changes])
    found = sort_out(category, merged.taken)
    if merged.taken:
        case.entered = {**_without(case.entered, merged.taken), **found.figures}
        case.unsound = {**_without(case.unsound, merged.taken), **found.unsound}
        case.version += 1
        tx.session.add(case)
        await store.mark_fields(tx, case, merged.taken)
        await tx.audit("application.saved", **case_place(case), figures=found.figures, fields=sorted(merged.taken))
    return Saved(case, merged.clashes)


def _without(values: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    return {field: value for field, value in values.items() if field not in fields}


async def leave_blank(tx: Tx, case_id: UUID) -> Case:
    """Before a form is handed in: required fields left blank say that there is no such figure."""
    case, _ = await case_for_filing(tx, case_id)
    blank = left_blank(category_of(case), case.variant, {**case.entered, **case.unsound})
    if blank:
        case.entered = {**case.entered, **blank}
        tx.session.add(case)
        await tx.audit("application.left_blank", **case_place(case), fields=sorted(blank))
    return case
