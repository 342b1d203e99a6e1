"""PDF documents: typst templates in ``typst/``, one typed call. Same data, same bytes.

The font comes from a package laid by ``npm run build`` (see shared/web/build_static.mjs), so that a document looks
the same on every machine; without it the system's Noto CJK is taken; without that nothing is rendered.
Rendering takes 20–100 ms of one core: from async code call it through ``asyncio.to_thread``.
"""

import io
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
import typst

TYPST_DIR = Path(__file__).parent / "typst"
FONT_DIR = TYPST_DIR / "fonts"
PACKAGED_FAMILY = "Noto Serif SC"
SYSTEM_FAMILIES = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "Source Han Sans SC")


class FontMissing(RuntimeError):
    """No font with Chinese characters is to be had; says which package brings one."""


class DocumentFault(RuntimeError):
    """A template does not compile with the data given; carries typst's diagnostic."""


def find_fonts(folder: Path, *, system: bool) -> tuple[typst.Fonts, str]:
    """The fonts to render with and the Chinese family among them.

    Args:
        folder: where the packaged font lies.
        system: whether the machine's own fonts may stand in for it.

    Raises:
        FontMissing: neither has a Chinese family.
    """
    packaged = typst.Fonts(include_system_fonts=False, font_paths=[folder] if folder.is_dir() else [])
    if PACKAGED_FAMILY in packaged.families():
        return packaged, PACKAGED_FAMILY
    return _system_fonts() if system else _no_font(folder)


def _system_fonts() -> tuple[typst.Fonts, str]:
    installed = typst.Fonts(include_system_fonts=True)
    known = set(installed.families())
    for family in SYSTEM_FAMILIES:
        if family in known:
            return installed, family
    return _no_font(FONT_DIR)


def _no_font(folder: Path) -> tuple[typst.Fonts, str]:
    raise FontMissing(
        f"no Chinese font in {folder}: run `npm ci && npm run build`, or install the Debian package fonts-noto-cjk"
    )


@lru_cache(maxsize=1)
def _fonts() -> tuple[typst.Fonts, str]:
    return find_fonts(FONT_DIR, system=True)


def qr_svg(text: str) -> str:
    """A QR code (level M) as SVG text, for the ``qr`` field of a template."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=0)
    return drawn.getvalue().decode("utf-8")


def render_pdf(template_name: str, data: Mapping[str, Any]) -> bytes:
    """Render ``typst/<template_name>.typ`` with JSON-able data; strings are set as text, never read as markup.

    Every template takes ``rehearsal`` (bool); when true every page is marked 演练. No clock is read: dates are
    data. The caller keeps personal data out of ``data`` that may not be published.

    Raises:
        FontMissing: no Chinese font on this machine.
        DocumentFault: the template refuses the data.
    """
    fonts, family = _fonts()
    inputs = {"data": json.dumps(data, ensure_ascii=False, sort_keys=True), "family": family}
    try:
        pdf = typst.compile(
            TYPST_DIR / f"{template_name}.typ", root=TYPST_DIR, font_paths=fonts, sys_inputs=inputs, format="pdf"
        )
    except typst.TypstError as error:
        raise DocumentFault(f"{template_name}: {error.diagnostic or error.message}") from error
    if not isinstance(pdf, bytes):
        raise DocumentFault(f"{template_name}: typst returned {type(pdf).__name__} instead of one document")
    return pdf
