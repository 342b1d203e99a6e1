"""A page in a real browser, and everything that can be wrong with any page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, ViewportSize, expect

expect.set_options(timeout=60_000)  # on a busy machine what is expected comes late, but it comes

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
WIDTHS = (1280, 360)
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"

# Serious and critical violations of WCAG A and AA, each with the first elements that have it.
_BARRIERS = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await axe.run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return found.violations.filter(one => ["serious", "critical"].includes(one.impact)).map(one =>
    `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(" | ")}`);
}"""

_INLINE = """() => [...document.querySelectorAll(
  "style, [style], script:not([src]):not([type='application/json']), a[href^='javascript:']")]
  .concat([...document.querySelectorAll("*")].filter(e => [...e.attributes].some(a => a.name.startsWith("on"))))
  .map(e => e.outerHTML.slice(0, 120))"""

_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const scrolls = e => e && (getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  return [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement))
    .slice(-5).map(e => e.outerHTML.slice(0, 120));
}"""

# What a keyboard must reach: everything a mouse can use that is shown. One radio of a group stands for all.
_REACHABLE = """() => {
  const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex >= 0;
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(shown)
    .filter(e => e.type !== "radio" || !groups.has(e.name) && groups.add(e.name))
    .map((e, i) => { e.dataset.reach = String(i); return e.outerHTML.slice(0, 120); });
}"""

# Begins at the top and notes where the focus is after each Tab: to be asked after every key would take longer than
# the keys.
_FOLLOW = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  window.focused = [];
  window.removeEventListener("keyup", window.follow, true);
  window.follow = ({key}) => {
    const e = document.activeElement;
    if (key !== "Tab" || !e || e === document.body) return;
    const look = getComputedStyle(e);
    const ring = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0 || look.boxShadow !== "none";
    window.focused.push({reach: e.dataset.reach ?? (e.type === "radio"
      ? document.querySelector(`input[name="${e.name}"][data-reach]`)?.dataset.reach : null), ring,
      html: e.outerHTML.slice(0, 120)});
  };
  window.addEventListener("keyup", window.follow, true);
}"""


@dataclass
class Looked:
    """What was seen while a page was open."""

    page: Page
    name: str
    width: int
    troubles: list[str] = field(default_factory=list)

    def check(self, *, rehearsal: bool = True) -> list[str]:
        """Everything that is wrong with the page, one sentence each."""
        page, wrong = self.page, list(self.troubles)
        wrong += [f"inline: {one}" for one in page.evaluate(_INLINE)]
        wrong += self.too_wide()
        if page.locator("html").get_attribute("lang") != "zh-CN":
            wrong.append("the language is not said")
        if not page.title():
            wrong.append("there is no title")
        if (heads := page.locator("h1").count()) != 1:
            wrong.append(f"{heads} main headings")
        if rehearsal and "演练" not in page.inner_text("body"):
            wrong.append("not marked 演练")
        return wrong + self.barriers()

    def too_wide(self) -> list[str]:
        """What stands out of the window."""
        return [f"wider than the window: {one}" for one in self.page.evaluate(_TOO_WIDE)]

    def narrowed(self) -> list[str]:
        """What stands out of a phone's window, to which the open page shrinks."""
        self.width = WIDTHS[1]
        self.page.set_viewport_size(_window(self.width))
        return self.too_wide()

    def check_in_both_widths(self) -> list[str]:
        """Everything wrong with the page and its keyboard; then what a phone's window, to which it shrinks, changes."""
        self.save()
        wrong = self.check() + self.walk() + self.narrowed()
        self.save()
        return wrong + self.barriers() + self.walk()

    def barriers(self) -> list[str]:
        """What axe finds serious or worse for people who do not see, hear or point as most do."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        return [f"axe {one}" for one in self.page.evaluate(_BARRIERS)]

    def walk(self) -> list[str]:
        """What the keyboard does not reach, and where its focus cannot be seen."""
        wanted = self.page.evaluate(_REACHABLE)
        self.page.evaluate(_FOLLOW)
        for _ in range(len(wanted) + 3):
            self.page.keyboard.press("Tab")
        focused: list[dict[str, Any]] = self.page.evaluate("() => window.focused")
        reached = {str(one["reach"]) for one in focused}
        wrong = [f"focus not seen: {one['html']}" for one in focused if not one["ring"]]
        return wrong + [f"not reached: {html}" for number, html in enumerate(wanted) if str(number) not in reached]

    def save(self) -> Path:
        """A picture of the whole page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{self.name}-{self.width}.png"
        self.page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
        self.page.screenshot(path=path, full_page=True, caret="initial")
        return path


def _window(width: int) -> ViewportSize:
    return {"width": width, "height": 900 if width > 600 else 740}


@contextmanager
def looking(context: BrowserContext, url: str, name: str, width: int) -> Iterator[Looked]:
    """Open a page and note what its console, its requests and its scripts complain about."""
    page = context.new_page()
    looked = Looked(page, name, width)
    page.set_viewport_size(_window(width))

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            looked.troubles.append(f"console {message.type}: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            looked.troubles.append(f"{response.status} {response.url}")

    def failed(request: Request) -> None:
        looked.troubles.append(f"failed: {request.url} {request.failure}")

    page.on("console", said)
    page.on("response", answered)
    page.on("requestfailed", failed)
    page.on("pageerror", lambda error: looked.troubles.append(f"script: {error}"))
    try:
        page.goto(url, wait_until="load")
        yield looked
    finally:
        page.close()


def new_context(browser: Browser) -> BrowserContext:
    """A visitor from Shanghai with no past."""
    return browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce")
