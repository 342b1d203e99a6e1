"""A released list as the page and the paper show it."""

from typing import Any

from services.publication import store
from services.publication.domain import lists
from services.publication.domain.texts import titled
from services.publication.site.notices import checkpoint, extra_columns, list_entry, stage_line
from services.publication.tables import Listing, Release, Revocation
from shared.infra.database import Tx
from shared.kernel.canonical import digest
from shared.web.parts import Download
from shared.web.patterns import EntryState, ListKind, PublicList

SITE_CHANNEL = "本网站"
LABELS = {
    "list.json": ("名单数据", "JSON"),
    "list.csv": ("名单表格", "CSV"),
    "list.pdf": ("名单文书", "PDF"),
    "bundle.zip": ("公开证明包", "ZIP"),
}


def folder(category_id: object, supplement: int, addendum: int) -> str:
    """Where the files of a released list lie on the public site."""
    parts = [f"/results/{category_id}"]
    parts += [f"supplement-{supplement}"] if supplement else []
    parts += [f"addendum-{addendum}"] if addendum else []
    return "/".join(parts)


def heading(content: dict[str, Any]) -> str:
    """The heading of a released list."""
    more = f"（增补第{content['supplement']}次）" if content["supplement"] else ""
    more += f"（补充第{content['addendum']}次）" if content["addendum"] else ""
    return f"{titled(content['year'], content['category'])}发布名单{more}"


async def released(tx: Tx, release: Release) -> PublicList:
    """The released list from what was released, with revocations since."""
    listing = await tx.session.get(Listing, release.listing_id)
    if listing is None:
        raise LookupError(f"release {release.listing_id} has no list")
    revoked = {row.number: row for row in await store.revocations(tx, release.category_id)}
    shown = await shown_list(tx, listing, release.content, revoked)
    base = folder(release.category_id, release.supplement, release.addendum)
    files = tuple(_download(base, file) for file in release.files if file["name"] in LABELS)
    return shown.model_copy(update={"posted_at": release.released_at, "downloads": files})


async def shown_list(
    tx: Tx, listing: Listing, content: dict[str, Any], revoked: dict[str, Revocation] | None = None
) -> PublicList:
    """The list as it is released now, for the paper, or as it was, for the page."""
    rulebook, rules = store.rulebook_of(listing), store.rules_of(listing)
    extra = extra_columns(rulebook, content)
    category = await store.category(tx, listing.category_id)
    return PublicList(
        kind=ListKind.SUPPLEMENT if listing.supplement or listing.addendum else ListKind.RELEASE,
        heading=heading(content),
        issuer=rulebook.issuer,
        posted_at=tx.now,
        channel=SITE_CHANNEL,
        entries=tuple(_entry(one, extra, (revoked or {}).get(one["number"])) for one in content["entries"]),
        digest=digest(content),
        quota=rules.quota.count if not (listing.supplement or listing.addendum) else None,
        unit=rules.quota.unit,
        extra_columns=tuple(lists.COLUMNS[name] for name in extra),
        shows_scores="score" in rulebook.disclosure.shown_fields,
        ordered=rulebook.disclosure.shows_rank,
        order_note="按得分排序" if rulebook.disclosure.shows_rank else "排名不分先后，按案号排列",
        stages=await stage_line(tx, category),
        checkpoint=await checkpoint(tx),
    )


def _entry(one: dict[str, Any], extra: tuple[str, ...], revoked: Revocation | None) -> Any:
    if revoked is None:
        return list_entry(one, extra, EntryState.LISTED, None)
    return list_entry(one, extra, EntryState.STRUCK, "发布后撤销")


def _download(base: str, file: dict[str, Any]) -> Download:
    label, kind = LABELS[file["name"]]
    return Download(
        label=label, href=f"{base}/{file['name']}", format=kind, octets=file["octets"], sha256=file["sha256"]
    )
