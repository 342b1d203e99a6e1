"""When a cycle may be released: what it waits for, until when, and what exactly is confirmed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.kernel.canonical import digest
from shared.rulebook import Category, StageKind

ACT = "release.confirm"


class ListStanding(BaseModel):
    """How one list of a cycle stands before release.

    ``ready``: its publicity is over (or it has none); ``held``: entries with an open objection; ``open_seats``:
    removed entries that no supplement has refilled.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    supplement: int
    ready: bool
    held: int = 0
    open_seats: int = 0


class Waiting(BaseModel):
    """What a release waits for: people's words, and the instant at which it waits no longer (if one was set)."""

    model_config = ConfigDict(frozen=True)

    for_what: tuple[str, ...] = ()
    until: datetime | None = None


def waiting_for(lists: Sequence[ListStanding], release_at: datetime | None, now: datetime) -> Waiting:
    """Main lists are always waited for; held and refilled entries until the office's date, open seats only with one."""
    always = tuple(f"{one.title}：公示未结束" for one in lists if one.supplement == 0 and not one.ready)
    if release_at is not None and now >= release_at:
        return Waiting(for_what=always)
    soft = [f"{one.title}（增补第{one.supplement}次）：公示未结束" for one in lists if one.supplement and not one.ready]
    soft += [f"{one.title}：{one.held} 件异议核查中" for one in lists if one.held]
    if release_at is not None:
        soft += [f"{one.title}：{one.open_seats} 个名额待指导委员会决定" for one in lists if one.open_seats]
    return Waiting(for_what=always + tuple(soft), until=release_at if soft else None)


def release_digest(cycle_id: UUID, round_number: int, lists: Sequence[dict[str, Any]]) -> str:
    """What two persons confirm: exactly these lists, by their digests."""
    ordered = sorted(lists, key=lambda one: (str(one["category_id"]), one["supplement"], one["addendum"]))
    return digest({"act": ACT, "cycle_id": cycle_id, "round": round_number, "lists": ordered})


PartKey = tuple[str, str, str]
"""Source, audience and name of a bundle part."""

LEDGER: PartKey = ("office", "public", "ledger.json")
_DRAW = ("review", "public", "draw-transcript")


def missing_parts(category: Category, there: Collection[PartKey], *, fresh_ledger: bool) -> list[str]:
    """Parts without which a bundle would prove nothing: a fresh ledger, and the draw where there was a panel."""
    missing = [] if fresh_ledger and LEDGER in there else ["office/ledger.json"]
    drawn = any(key[:2] == _DRAW[:2] and key[2].startswith(_DRAW[2]) for key in there)
    if category.stage(StageKind.PANEL_REVIEW) is not None and not drawn:
        missing.append("review/draw-transcript.json")
    return missing
