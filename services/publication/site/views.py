"""What each public page shows: page kind → template and context, read from the rows."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID

from services.publication import store
from services.publication.domain import texts
from services.publication.domain.lists import allowed_codes
from services.publication.site import overviews
from services.publication.site.notices import notice, stage_and_posting, stage_line
from services.publication.site.results import released
from services.publication.tables import Listing, Posting
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.calendar import Term, business_date, working_days_left
from shared.kernel.refusals import NotFound
from shared.rulebook import Rulebook
from shared.web.page import PageContext
from shared.web.templating import public_nav


class View(NamedTuple):
    """A page to render; ``files`` are to be written beside it (name → bytes), ``allowed`` the codes it may show."""

    template: str
    page: PageContext
    context: dict[str, Any]
    allowed: frozenset[str] = frozenset()


def page_of(tx: Tx, title: str, section: str, **more: Any) -> PageContext:
    """The frame of a public page."""
    return PageContext(title=title, server_time=tx.now, nav=public_nav(section), **more)


async def notice_view(tx: Tx, stage_id: UUID) -> View:
    """A call or a notice."""
    found = await stage_and_posting(tx, stage_id)
    if found is None:
        raise NotFound("没有找到这份公告或公示。")
    stage, posting = found
    rulebook, rules = store.rulebook_of(stage), store.rules_of(stage)
    cycle = await store.cycle(tx, stage.cycle_id)
    place = {"programme": rulebook.short_title, "year": cycle.year, "category": rules.name}
    if posting.kind == "call":
        category = await store.category(tx, stage.category_id)
        page = page_of(tx, f"{texts.titled(cycle.year, rules.name)}启动公告", "/lists", **place, stage="启动")
        steps = await stage_line(tx, category)
        return View("call.html", page, {"posting": posting, "stages": steps, "rules": rules, "issuer": rulebook.issuer})
    listing = await store.listing_of_stage(tx, stage_id)
    if listing is None:
        raise NotFound("没有找到这份公示名单。")
    shown, _ = await notice(tx, stage, posting, listing)
    page = page_of(tx, shown.heading, "/lists", **place, stage="公示", **_until(tx, stage))
    return View("notice.html", page, {"listing": shown, "posting": posting}, await _allowed(tx, listing, rulebook))


def _until(tx: Tx, stage: Stage) -> dict[str, Any]:
    """What the reader may do, and until when, while the term runs."""
    if stage.term is None or stage.state != "open":
        return {}
    term = Term.model_validate(stage.term)
    return {
        "expected_of_me": "核对名单，有异议请实名提出",
        "until": term.closes_at,
        "until_provisional": term.provisional,
        "working_days_left": working_days_left(term, business_date(tx.now)),
        "next_step": "期满后发布；有异议的条目核查完毕再发布",
    }


async def _allowed(tx: Tx, listing: Listing, rulebook: Rulebook) -> frozenset[str]:
    return allowed_codes([store.as_entry(row) for row in await store.entries(tx, listing.listing_id)], rulebook)


async def termination_view(tx: Tx, posting_id: UUID) -> View:
    """The notice that a category has ended."""
    posting = await tx.session.get(Posting, posting_id)
    if posting is None or posting.kind != "termination":
        raise NotFound("没有找到这份公告。")
    category = await store.category(tx, posting.category_id)
    rulebook, rules = store.rulebook_of(category), store.rules_of(category)
    cycle = await store.cycle(tx, posting.cycle_id)
    place = {"programme": rulebook.short_title, "year": cycle.year, "category": rules.name}
    page = page_of(tx, f"{texts.titled(cycle.year, rules.name)}终止公告", "/lists", **place)
    steps = await stage_line(tx, category)
    return View("call.html", page, {"posting": posting, "stages": steps, "rules": rules, "issuer": rulebook.issuer})


async def result_view(tx: Tx, category_id: UUID) -> View:
    """Everything that was released in a category."""
    releases = await store.releases(tx, category_id)
    if not releases:
        raise NotFound("这个项目还没有发布名单。")
    category = await store.category(tx, category_id)
    rulebook, rules = store.rulebook_of(category), store.rules_of(category)
    cycle = await store.cycle(tx, category.cycle_id)
    shown = [await released(tx, release) for release in releases]
    allowed: frozenset[str] = frozenset()
    for release in releases:
        listing = await tx.session.get(Listing, release.listing_id)
        if listing is not None:
            allowed |= await _allowed(tx, listing, rulebook)
    page = page_of(
        tx,
        f"{texts.titled(cycle.year, rules.name)}结果",
        "/results",
        programme=rulebook.short_title,
        year=cycle.year,
        category=rules.name,
    )
    context = {
        "listing": shown[0],
        "supplements": shown[1:],
        "revocations": await store.revocations(tx, category_id),
        "category_id": category_id,
        "words": texts.REVOCATIONS,
    }
    return View("result.html", page, context, allowed)


FIXED: dict[str, Callable[[Tx], Awaitable[View]]] = {}
REFERRED: dict[str, Callable[[Tx, UUID], Awaitable[View]]] = {
    "notice": notice_view,
    "result": result_view,
    "termination": termination_view,
}


def fixed(kind: str, title: str, section: str, content: Callable[[Tx], Awaitable[dict[str, Any]]]) -> None:
    """Register a page that exists once."""

    async def view(tx: Tx) -> View:
        return View(f"{kind}.html", page_of(tx, title, section), await content(tx))

    FIXED[kind] = view


fixed("home", "首页", "/", overviews.home)
fixed("programmes", "项目", "/programmes", overviews.programmes)
fixed("lists", "公告与公示", "/lists", overviews.notices)
fixed("results", "结果", "/results", overviews.results)
fixed("objections", "异议", "/objections", overviews.in_force)
fixed("votes", "投票", "/votes", overviews.votes)
fixed("verify", "核验", "/verify", overviews.verification)


async def view_of(tx: Tx, kind: str, ref: UUID | None) -> View:
    """The page of a kind, of a stage or category where it needs one.

    Raises:
        NotFound: there is nothing to show (yet).
    """
    if ref is not None and kind in REFERRED:
        return await REFERRED[kind](tx, ref)
    if kind in FIXED:
        return await FIXED[kind](tx)
    raise NotFound("没有这个页面。")
