"""What of a list the public may read: whitelisted fields only, in an order that gives away no rank."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.subjects import CaseSubject
from shared.rulebook import Category, Rulebook

COLUMNS = {
    "place": "序号",
    "number": "案号",
    "name": "名称",
    "unit": "所在单位",
    "credit_code": "统一社会信用代码",
    "industry": "行业",
    "district": "区市",
    "ownership": "所有制",
    "rank": "名次",
    "score": "得分",
    "recommendation": "意见",
    "reason": "理由",
}
LISTED = {"listed": "入选", "selected": "入选", "included": "入选", "final": "入选"}


class Entry(BaseModel):
    """An entry as this service keeps it, before anything is left out."""

    model_config = ConfigDict(frozen=True)

    case_id: UUID
    number: str
    position: int
    subject: CaseSubject
    score: str | None
    rank: int | None
    outcome: str
    reason: str | None


class ListFrame(BaseModel):
    """What stands around the entries of a public list."""

    model_config = ConfigDict(frozen=True)

    cycle_id: UUID
    category_id: UUID
    supplement: int
    addendum: int
    year: int
    manifest_digest: str
    rehearsal: bool


def in_public_order(entries: Sequence[Entry], rulebook: Rulebook) -> list[Entry]:
    """By position where ranks are public, else by case number."""
    if rulebook.disclosure.shows_rank:
        return sorted(entries, key=lambda entry: (entry.position, entry.number))
    return sorted(entries, key=lambda entry: entry.number)


def public_entry(entry: Entry, place: int, fields: Sequence[str], labels: Mapping[str, str]) -> dict[str, Any]:
    """The whitelisted fields of an entry; empty ones are left out. ``labels``: the outcomes in words."""
    known = {
        "name": entry.subject.entry_name,
        "unit": entry.subject.unit,
        "credit_code": entry.subject.credit_code,
        "industry": entry.subject.industry,
        "district": entry.subject.district,
        "ownership": entry.subject.ownership,
        "rank": entry.rank,
        "score": entry.score,
        "recommendation": labels.get(entry.outcome, entry.outcome),
        "reason": entry.reason,
    }
    shown = {field: known[field] for field in fields if known[field] is not None}
    return {"place": place, "number": entry.number, **shown}


def public_content(
    frame: ListFrame, entries: Sequence[Entry], rulebook: Rulebook, category: Category
) -> dict[str, Any]:
    """The public list as data: its canonical JSON is the file people download, its digest the list's."""
    fields = rulebook.disclosure.shown_fields
    ordered = in_public_order(entries, rulebook)
    labels = LISTED | {outcome.id: outcome.label for outcome in category.case_outcomes.values()}
    return {
        "programme": rulebook.title,
        "year": frame.year,
        "category": category.name,
        "category_id": str(frame.category_id),
        "cycle_id": str(frame.cycle_id),
        "supplement": frame.supplement,
        "addendum": frame.addendum,
        "manifest_digest": frame.manifest_digest,
        "rehearsal": frame.rehearsal,
        "entries": [public_entry(entry, place, fields, labels) for place, entry in enumerate(ordered, 1)],
    }


def as_csv(content: dict[str, Any]) -> str:
    """The same list as CSV for spreadsheets, with a byte-order mark; no cell begins as a formula does."""
    entries: list[dict[str, Any]] = content["entries"]
    columns = [name for name in COLUMNS if any(name in entry for entry in entries)] or ["place", "number", "name"]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([COLUMNS[name] for name in columns])
    writer.writerows([_cell(entry.get(name, "")) for name in columns] for entry in entries)
    return "\ufeff" + written.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def allowed_codes(entries: Sequence[Entry], rulebook: Rulebook) -> frozenset[str]:
    """Credit codes that the rulebook lets be shown."""
    if "credit_code" not in rulebook.disclosure.public_fields:
        return frozenset()
    return frozenset(entry.subject.credit_code for entry in entries if entry.subject.credit_code)
