"""The confined process that draws one page of a kept file.

``python -m shared.infra.drawing PATH EXTENSION PAGE`` writes the page as PNG.
"""

import io
import sys

from PIL import Image, ImageOps

from shared.infra.confinement import confine

LONGEST_SIDE = 1600
"""Pixels of the longer side of a preview."""


def main(path: str, extension: str, page: str) -> None:
    """Draw one page and write it out."""
    confine()
    draw = _pdf if extension == "pdf" else _picture
    sys.stdout.buffer.write(draw(path, int(page)))


def _pdf(path: str, page: int) -> bytes:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        drawn = document[page - 1]
        scale = min(2.0, LONGEST_SIDE / max(*drawn.get_size(), 1.0))
        return _png(drawn.render(scale=scale, may_draw_forms=False).to_pil())


def _picture(path: str, _page: int) -> bytes:
    with Image.open(path, formats=["PNG", "JPEG"]) as picture:
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return _png(upright.convert("RGB"))


def _png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
