"""Everything the account needs, read as a signed-in auditor or the public would."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from deploy.rehearsal.driver.clock import Pulse
from deploy.rehearsal.driver.world import CategoryView, Stage, World
from deploy.stack.layout import REPOSITORY
from shared.kernel.canonical import digest_bytes

_LINK: Final = re.compile(r'(?:href|src)="(/[^"#?]*)')
_PUBLIC: Final = ("/programmes", "/lists", "/results", "/objections", "/verify", "/votes")
_VERIFIER: Final = REPOSITORY / "deploy" / "verify" / "verify_bundle.py"
_LEDGER_PAGE: Final = 1000
_PAGES_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Released:
    """One released list with its exported bundles."""

    category: CategoryView
    supplement: int
    addendum: int
    digest: str
    released_at: datetime
    content: dict[str, Any]
    bundles: dict[str, bytes]

    @property
    def title(self) -> str:
        """Category and, for a refilled seat, which supplement."""
        return self.category.name + (f"（增补{self.supplement}）" if self.supplement else "")

    @property
    def numbers(self) -> list[str]:
        """The case numbers on the list, in its order."""
        return [entry["number"] for entry in self.content["entries"]]


@dataclass(frozen=True)
class Verified:
    """What the verifier said about one bundle."""

    title: str
    audience: str
    held: bool
    said: str


@dataclass
class Outcome:
    """All that was gathered."""

    pulses: list[Pulse]
    released: list[Released] = field(default_factory=list)
    verified: list[Verified] = field(default_factory=list)
    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    evaluation: list[dict[str, Any]] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    objections: list[dict[str, Any]] = field(default_factory=list)
    public: dict[str, bytes] = field(default_factory=dict)


async def gather(world: World, pulses: list[Pulse]) -> Outcome:
    """Read everything; the bundles are verified by the program that goes out with them."""
    outcome = Outcome(pulses)
    auditor, office = world.person("auditor1"), world.person("office1")
    for category in world.categories():
        await _read_category(world, category, outcome)
    outcome.objections = await office.get("/api/publication/objections")
    outcome.gaps = await auditor.get("/api/office/ledger/gaps")
    outcome.ledger = await _read_ledger(world)
    outcome.public = await crawl_when_written(world, {one.digest for one in outcome.released})
    key = (await auditor.get("/api/office/ledger/public-key"))["hex"]
    outcome.verified = await world.together(
        _verify(released, audience, bundle, key)
        for released in outcome.released
        for audience, bundle in released.bundles.items()
    )
    return outcome


async def _read_category(world: World, category: CategoryView, outcome: Outcome) -> None:
    auditor = world.person("auditor1")
    for row in await auditor.get(f"/api/publication/categories/{category.category_id}/releases"):
        outcome.released.append(await _read_release(world, category, row))
    for stage in category.stages:
        if stage.kind == "decision":
            outcome.decisions[category.key] = await auditor.get(f"/api/ranking/stages/{stage.stage_id}")
        if stage.kind == "evaluation":
            outcome.evaluation += await auditor.get(f"/api/ranking/evaluations/{stage.stage_id}")
        if stage.kind == "screening":
            outcome.cases += await _read_cases(world, stage)


async def _read_release(world: World, category: CategoryView, row: dict[str, Any]) -> Released:
    folder = f"/results/{category.category_id}" + (f"/supplement-{row['supplement']}" if row["supplement"] else "")
    public = await world.anybody("GET", f"{folder}/bundle.zip")
    auditors = await world.person("auditor1").download(f"/api/publication/listings/{row['listing_id']}/auditor-bundle")
    at = datetime.fromisoformat(row["released_at"])
    bundles = {"public": public.content, "auditor": auditors}
    return Released(category, row["supplement"], row["addendum"], row["digest"], at, row["content"], bundles)


async def _read_cases(world: World, stage: Stage) -> list[dict[str, Any]]:
    office = world.person("office1")
    queue = await office.get(f"/api/submission/screening/{stage.stage_id}/queue")
    return await world.together(office.get(f"/api/submission/cases/{case['case_id']}") for case in queue["cases"])


async def _read_ledger(world: World) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    while True:
        query = {"from": len(entries) + 1, "limit": _LEDGER_PAGE}
        page = await world.person("auditor1").get("/api/office/ledger/entries", **query)
        entries += page
        if len(page) < _LEDGER_PAGE:
            return entries


async def crawl_when_written(world: World, digests: set[str]) -> dict[str, bytes]:
    """Crawl once every released list has its public file: pages follow the commit within seconds.

    After the patience it returns what there is; the promise about public files then says what is missing.
    """
    deadline = time.monotonic() + _PAGES_SECONDS
    while True:
        found = await crawl(world)
        if digests <= {digest_bytes(content) for content in found.values()} or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.5)


async def crawl(world: World) -> dict[str, bytes]:
    """Every page and file that the public can reach from the first page."""
    found: dict[str, bytes] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        response = await world.anybody("GET", path, follow_redirects=True)
        found[path] = response.content
        if "text/html" in response.headers.get("content-type", ""):
            links = {link for link in _LINK.findall(response.text) if link.startswith(_PUBLIC)}
            waiting += sorted(links - found.keys() - set(waiting))
    return found


async def _verify(released: Released, audience: str, bundle: bytes, key: str) -> Verified:
    """Run the verifier alone: isolated, standard library only, with the ledger's key from another channel."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        await asyncio.to_thread(path.write_bytes, bundle)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_VERIFIER),
            str(path),
            "--key",
            key,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    return Verified(released.title, audience, process.returncode == 0, said.decode(errors="replace"))
