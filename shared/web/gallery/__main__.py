"""``python -m shared.web.gallery OUTDIR`` writes the gallery as plain HTML files that open without a server."""

import shutil
import sys
from pathlib import Path

from jinja2 import Environment

from shared.web.gallery import samples, samples_office
from shared.web.page import PageContext
from shared.web.templating import STATIC_DIR, make_environment, render_to_bytes

GALLERY_TEMPLATES = Path(__file__).parent / "templates"

PAGES: dict[str, tuple[str, PageContext, dict[str, object]]] = {
    "public_list.html": ("patterns/public_list.html", samples.PUBLICITY_PAGE, {"listing": samples.PUBLICITY}),
    "release.html": ("patterns/public_list.html", samples.RELEASE_PAGE, {"listing": samples.RELEASE}),
    "empty_list.html": ("patterns/public_list.html", samples.RELEASE_PAGE, {"listing": samples.EMPTY_LIST}),
    "overview.html": ("patterns/overview.html", samples_office.OVERVIEW_PAGE, {"overview": samples_office.OVERVIEW}),
    "empty_overview.html": (
        "patterns/overview.html",
        samples_office.OVERVIEW_PAGE,
        {"overview": samples_office.EMPTY_OVERVIEW},
    ),
    "error.html": ("error.html", samples_office.ERROR_PAGE, {"refusal": samples_office.REFUSAL}),
    "parts.html": ("parts.html", samples_office.PARTS_PAGE, {"samples": samples, "office": samples_office}),
    "form.html": ("form.html", samples_office.FORM_PAGE, {"errors": samples_office.FORM_ERRORS}),
    "document.html": ("document.html", samples_office.DOCUMENT_PAGE, {"person": samples_office.PERSON}),
}


def write_gallery(folder: Path, *, rehearsal: bool = True) -> list[Path]:
    """Render all gallery pages into a folder, with the built assets beside them; returns the files written."""
    environment = make_environment(GALLERY_TEMPLATES, rehearsal=rehearsal, static_url="static/")
    shutil.copytree(STATIC_DIR, folder / "static", dirs_exist_ok=True)
    written = [_write(environment, folder / name, *page) for name, page in PAGES.items()]
    index = folder / "index.html"
    names = {name: page.title for name, (_, page, _) in PAGES.items()}
    return [*written, _write(environment, index, "index.html", samples_office.INDEX_PAGE, {"names": names})]


def _write(environment: Environment, path: Path, template: str, page: PageContext, context: dict[str, object]) -> Path:
    path.write_bytes(render_to_bytes(environment, template, page, **context))
    return path


if __name__ == "__main__":
    for file in write_gallery(Path(sys.argv[1])):
        print(file)
