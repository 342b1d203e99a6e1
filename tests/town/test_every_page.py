"""Every page that each role can reach by links after a short year: sound, wide and narrow, without barriers."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import browser
from tests.browser.look import WIDTHS, Looked, looking, new_context
from tests.town.conftest import Town

__all__ = ["browser"]

MOST_PAGES = 60
ALIKE = 2
"""Pages that differ in ids only are looked at so many times."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{20,}|\d+|[A-Z]{2,}-\d[\w-]*")
_NO_PAGE = re.compile(r"^/api/|^/files/|\.(pdf|xlsx|docx|csv|json|py|txt|zip|png|tsv)$|/sign-out|/preview/|/download")


def kind_of(path: str) -> str:
    """The path with its ids left out."""
    return _ID.sub("*", path)


def links_on(looked: Looked, origin: str) -> Iterator[str]:
    """Addresses of this site's pages that a page leads to.

    Not the way into the portal on a public call: it is the same for everybody, and refuses whoever does not file.
    """
    for href in looked.page.eval_on_selector_all(
        "a[href]:not([download]):not(.button[href='/portal'])", "all => all.map(one => one.getAttribute('href'))"
    ):
        address = urldefrag(urljoin(looked.page.url, href))[0]
        if address.startswith(origin) and not _NO_PAGE.search(urlsplit(address).path):
            yield address


def walk(context: BrowserContext, origin: str, start: str, name: str) -> tuple[int, list[str]]:
    """Follow links from ``start``; how many pages were seen and what is wrong with them."""
    waiting, known, seen, wrong = [start], {start}, Counter[str](), list[str]()
    while waiting and seen.total() < MOST_PAGES:
        address = waiting.pop(0)
        kind = kind_of(urlsplit(address).path)
        if seen[kind] >= ALIKE:
            continue
        seen[kind] += 1
        with looking(
            context, address, f"{name}-{kind.strip('/').replace('/', '-').replace('*', 'x') or 'home'}", 1280
        ) as page:
            for width in WIDTHS:
                page.page.set_viewport_size({"width": width, "height": 800})
                page.width = width
                wrong += [f"{name} {address} at {width}: {one}" for one in page.check()]
                page.save()
            new = [one for one in links_on(page, origin) if one not in known]
            known.update(new)
            waiting += new
    return seen.total(), wrong


@pytest.mark.deep
def test_every_page_that_a_role_reaches_is_sound(town: Town, browser: Browser) -> None:
    origin = town.stack.birth.page_origin
    starts = {"public": f"{origin}/", **town.links()}
    counted: dict[str, int] = {}
    wrong: list[str] = []
    for login, start in starts.items():
        context = new_context(browser)
        counted[login], found = walk(context, origin, start, login)
        wrong += found
        context.close()

    print(f"\npages looked at, wide and narrow: {counted}", end="", flush=True)
    assert not wrong, "\n".join(wrong[:40])
    assert min(counted.values()) >= 2
