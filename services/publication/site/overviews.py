"""The pages that show many things: calls open, notices in force, results by year, verification."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.publication import store
from services.publication.actions.votes import poll_views
from services.publication.domain.texts import titled
from services.publication.site.notices import checkpoint, stage_line
from services.publication.tables import Category, Cycle, Posting
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.calendar import Term, business_date, working_days_left
from shared.rulebook import Category as Rules
from shared.rulebook import Rulebook
from shared.web.parts import StageStep


class Row(BaseModel):
    """One call, notice or result in an overview."""

    model_config = ConfigDict(frozen=True)

    title: str
    programme: str
    year: int
    href: str
    posted_at: datetime
    closes_at: datetime | None = None
    provisional: bool = False
    days_left: int | None = None
    count: int | None = None
    supplement: int = 0
    note: str | None = None


class Programme(BaseModel):
    """A cycle with its categories, for the page of programmes."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    rulebook: Rulebook
    year: int
    categories: tuple[tuple[Rules, tuple[StageStep, ...], UUID], ...]


async def _calls(tx: Tx, *, open_only: bool) -> list[Row]:
    rows = []
    for posting in await store.postings(tx, "call"):
        window = (await store.stages_seen(tx, posting.category_id)).get("application_window")
        is_open = window is None or window.state in ("open", "paused")
        if open_only and not is_open:
            continue
        closes = window.closes_at if window and is_open else None
        row = await _row(tx, posting, closes_at=closes, provisional=bool(closes and window and window.provisional))
        rows.append(row)
    return rows


async def _notices(tx: Tx, *, open_only: bool) -> list[Row]:
    rows = []
    for posting in await store.postings(tx, "notice"):
        stage = await tx.session.get(Stage, posting.stage_id)
        if stage is None or (open_only and stage.state not in ("open", "paused")):
            continue
        listing = await store.listing_of_stage(tx, posting.stage_id)
        count = len(await store.entries(tx, listing.listing_id)) if listing else 0
        rows.append(await _row(tx, posting, supplement=stage.supplement, count=count, **_term(tx, stage)))
    return rows


def _term(tx: Tx, stage: Stage) -> dict[str, Any]:
    if stage.term is None or stage.state not in ("open", "paused"):
        return {"note": "已结束" if stage.state == "closed" else "已终止"}
    term = Term.model_validate(stage.term)
    left = working_days_left(term, business_date(tx.now))
    return {"closes_at": term.closes_at, "provisional": term.provisional, "days_left": left}


async def _row(tx: Tx, posting: Posting, **more: Any) -> Row:
    category = await store.category(tx, posting.category_id)
    cycle = await store.cycle(tx, posting.cycle_id)
    return Row(
        title=titled(cycle.year, store.rules_of(category).name),
        programme=store.rulebook_of(category).short_title,
        year=cycle.year,
        href=f"/lists/{posting.stage_id}",
        posted_at=posting.posted_at,
        **more,
    )


async def _results(tx: Tx) -> dict[int, list[Row]]:
    """Released main lists by year, newest year first."""
    found: dict[int, list[Row]] = {}
    for release in await store.releases(tx):
        if release.supplement or release.addendum:
            continue
        category = await store.category(tx, release.category_id)
        cycle = await store.cycle(tx, release.cycle_id)
        row = Row(
            title=titled(cycle.year, store.rules_of(category).name),
            programme=store.rulebook_of(category).short_title,
            year=cycle.year,
            href=f"/results/{release.category_id}",
            posted_at=release.released_at,
            count=sum(one.entries for one in await store.releases(tx, release.category_id)),
        )
        found.setdefault(cycle.year, []).append(row)
    return dict(sorted(found.items(), reverse=True))


async def home(tx: Tx) -> dict[str, Any]:
    """Calls open now, notices in force, results by year."""
    return {
        "calls": await _calls(tx, open_only=True),
        "notices": await _notices(tx, open_only=True),
        "results": await _results(tx),
        "checkpoint": await checkpoint(tx),
    }


async def notices(tx: Tx) -> dict[str, Any]:
    """Every call and notice, newest first."""
    ended = [
        (await _row(tx, posting)).model_copy(update={"href": f"/lists/{posting.posting_id}"})
        for posting in await store.postings(tx, "termination")
    ]
    calls = await _calls(tx, open_only=False)
    return {"notices": await _notices(tx, open_only=False), "calls": calls, "ended": ended}


async def results(tx: Tx) -> dict[str, Any]:
    """Released lists by year."""
    return {"results": await _results(tx)}


async def in_force(tx: Tx) -> dict[str, Any]:
    """Notices to which an objection can be made now."""
    return {"notices": await _notices(tx, open_only=True)}


async def programmes(tx: Tx) -> dict[str, Any]:
    """The rules of every category in plain words."""
    return {"programmes": [await _programme(tx, cycle) for cycle in await store.cycles(tx)]}


async def _programme(tx: Tx, cycle: Cycle) -> Programme:
    found: list[Category] = await store.categories(tx, cycle.cycle_id)
    shown = tuple([(store.rules_of(row), await stage_line(tx, row), row.category_id) for row in found])
    return Programme(rulebook=store.rulebook_of(cycle), year=cycle.year, categories=shown)


async def votes(tx: Tx) -> dict[str, Any]:
    """Public votes, open ones first."""
    found = []
    for poll in await poll_views(tx):
        category = await store.category(tx, poll.category_id)
        cycle = await store.cycle(tx, category.cycle_id)
        programme = store.rulebook_of(category).short_title
        found.append({**poll.model_dump(), "programme": programme, "year": cycle.year})
    return {"polls": found}


async def verification(tx: Tx) -> dict[str, Any]:
    """How to verify, with every bundle handed out and the newest checkpoint."""
    releases = await store.releases(tx)
    return {"releases": releases, "checkpoint": await checkpoint(tx), "results": await _results(tx)}
