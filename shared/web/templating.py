"""The template environment that all services' pages share: strict, escaped, with the filters of formats.py."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi.templating import Jinja2Templates
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from shared.rulebook.scoring.rule import points_text
from shared.rulebook.telling import tell_fact, tell_groups
from shared.web import formats
from shared.web.listing import export_links, list_links
from shared.web.page import NavItem, PageContext
from shared.web.parts import CalendarDay, in_weeks

TEMPLATES = Path(__file__).parent / "templates"
STATIC_DIR = Path(__file__).parent / "static" / "dist"
STATIC_URL = "/static/"
SITE_NAME = "放榜"
SITE_MOTTO = "评选·公示·发布"

PUBLIC_NAV = (
    NavItem(label="首页", href="/"),
    NavItem(label="项目", href="/programmes"),
    NavItem(label="公示", href="/lists"),
    NavItem(label="异议", href="/objections"),
    NavItem(label="投票", href="/votes"),
    NavItem(label="结果", href="/results"),
    NavItem(label="核验", href="/verify"),
)


class AssetsNotBuilt(RuntimeError):
    """The static files are missing or older than the templates; says which command builds them."""


def load_manifest(static_dir: Path = STATIC_DIR) -> Mapping[str, str]:
    """Plain asset name → name with content hash, as written by ``npm run build``.

    Raises:
        AssetsNotBuilt: the build has not been run.
    """
    path = static_dir / "manifest.json"
    if not path.is_file():
        raise AssetsNotBuilt(f"{path} is missing: run `npm ci && npm run build` (or `make setup`) first")
    manifest: dict[str, str] = json.loads(path.read_text("utf-8"))
    return manifest


def make_templates(
    service_templates: Path | None, *, rehearsal: bool, manifest: Mapping[str, str] | None = None
) -> Jinja2Templates:
    """The templates of a service on top of the shared ones; a service's file wins over a shared one of its name.

    Args:
        service_templates: the service's own ``templates`` folder.
        rehearsal: whether every page is marked 演练.
        manifest: asset names, for tests; otherwise read from the build.

    Raises:
        AssetsNotBuilt: no manifest was given and the static files are not built.
    """
    return Jinja2Templates(env=make_environment(service_templates, rehearsal=rehearsal, manifest=manifest))


def make_environment(
    service_templates: Path | None,
    *,
    rehearsal: bool,
    manifest: Mapping[str, str] | None = None,
    static_url: str = STATIC_URL,
) -> Environment:
    """The bare environment, for pre-rendered pages; see make_templates."""
    folders = [folder for folder in (service_templates, TEMPLATES) if folder is not None]
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.filters.update(tell_fact=tell_fact, tell_groups=tell_groups, points_text=points_text)
    environment.globals.update(
        asset=_asset_finder(load_manifest() if manifest is None else manifest, static_url),
        rehearsal=rehearsal,
        site_name=SITE_NAME,
        site_motto=SITE_MOTTO,
        public_nav=PUBLIC_NAV,
        export_links=export_links,
        list_links=list_links,
    )
    return environment


def render_to_bytes(environment: Environment, template: str, page: PageContext, **context: object) -> bytes:
    """The finished page as UTF-8 bytes; same arguments, same bytes. For pages that are written to files."""
    return environment.get_template(template).render(page=page, **context).encode("utf-8")


def public_nav(current_href: str) -> tuple[NavItem, ...]:
    """The public navigation with the current entry marked."""
    return tuple(item.model_copy(update={"current": item.href == current_href}) for item in PUBLIC_NAV)


def _asset_finder(manifest: Mapping[str, str], static_url: str) -> Callable[[str], str]:
    def asset(name: str) -> str:
        if name not in manifest:
            raise AssetsNotBuilt(f"no asset {name!r} in the manifest: run `npm run build`")
        return static_url + manifest[name]

    return asset


def _counted_total(days: Sequence[CalendarDay]) -> int:
    return max((day.number or 0 for day in days), default=0)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "shanghai_date": formats.shanghai_date,
    "shanghai_datetime": formats.shanghai_datetime,
    "clock_time": formats.clock_time,
    "short_date": formats.short_date,
    "weekday": formats.weekday_name,
    "term_end": formats.term_end,
    "short_term_end": formats.short_term_end,
    "machine_time": formats.machine_time,
    "decimal": formats.plain_decimal,
    "grouped": formats.grouped,
    "points": formats.points,
    "working_days_left": formats.working_days_left,
    "file_size": formats.file_size,
    "digest_groups": formats.digest_groups,
    "in_weeks": in_weeks,
    "counted_total": _counted_total,
}
