"""A page of a kept file as a picture, drawn by a process of its own: nothing of the file itself reaches a browser."""

import tempfile

from shared.infra.confinement import Crashed, run_confined
from shared.infra.files import EVIDENCE, Files
from shared.kernel.refusals import Conflict, NotFound

DRAWING = "shared.infra.drawing"
PICTURES = frozenset({"png", "jpg", "jpeg"})
DRAWN = PICTURES | {"pdf"}
"""Extensions of files whose pages are shown; of a table or a text none is."""


class NoPreview(Conflict):
    """A page that cannot be drawn within its limits."""

    def __init__(self) -> None:
        super().__init__("no_preview", "这一页无法生成预览，请下载文件后查看。")


async def draw_page(files: Files, key: str, version_id: str, sha256: str, extension: str, page: int) -> bytes:
    """One page of a version in the locked bucket as PNG.

    Raises:
        NotFound: nothing lies there.
        NoPreview: it cannot be drawn, or has no such page.
    """
    version = await files.locked_version(key, version_id, sha256)
    with tempfile.NamedTemporaryFile(prefix="preview-") as local:
        if version is None or await files.fetch(EVIDENCE, key, local, version) is None:
            raise NotFound
        try:
            return await run_confined(DRAWING, local.name, extension, str(page))
        except Crashed as crash:
            raise NoPreview from crash
