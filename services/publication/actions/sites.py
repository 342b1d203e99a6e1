"""Which public pages a change touches.

A wanted page is a row locked until the commit: pages come last in a transaction, after the release's lock.
"""

from uuid import UUID

from services.publication import store
from shared.infra.database import Tx

FIXED = {
    "/programmes/index.html": "programmes",
    "/index.html": "home",
    "/lists/index.html": "lists",
    "/results/index.html": "results",
    "/objections/index.html": "objections",
    "/votes/index.html": "votes",
    "/verify/index.html": "verify",
}


async def want_fixed_pages(tx: Tx) -> None:
    """The pages that exist once, in the order in which every other act wants some of them."""
    for path, kind in FIXED.items():
        await store.want_page(tx, path, kind)


async def want_overviews(tx: Tx) -> None:
    """The pages that show every list."""
    for path in ("/index.html", "/lists/index.html", "/results/index.html", "/objections/index.html"):
        await store.want_page(tx, path, FIXED[path])


async def want_category(tx: Tx, category_id: UUID) -> None:
    """Every page with the stage line of a category."""
    await store.want_page(tx, "/programmes/index.html", "programmes")
    for stage_id in await store.posted_stages(tx, category_id):
        await store.want_page(tx, f"/lists/{stage_id}/index.html", "notice", stage_id)
    if await store.releases(tx, category_id):
        await store.want_page(tx, f"/results/{category_id}/index.html", "result", category_id)
    await want_overviews(tx)


async def want_notice(tx: Tx, stage_id: UUID) -> None:
    """The page of a call or notice, and the overviews."""
    await store.want_page(tx, f"/lists/{stage_id}/index.html", "notice", stage_id)
    await want_overviews(tx)


async def want_result(tx: Tx, category_id: UUID) -> None:
    """The result page of a category, and the overviews."""
    await store.want_page(tx, f"/results/{category_id}/index.html", "result", category_id)
    await want_overviews(tx)
