"""A page of a file as a picture, drawn by a process of its own: nothing of the file itself reaches a browser."""

import tempfile

from services.submission.actions.evidence import quarantine_key
from services.submission.domain.evidence import previewed
from services.submission.tables import Evidence
from shared.infra.confinement import Crashed, run_confined
from shared.infra.files import EVIDENCE, Files
from shared.kernel.file_names import extension_of
from shared.kernel.refusals import Conflict, NotFound

DRAWING = "services.submission.uploads.drawing"


class NoPreview(Conflict):
    """A page that cannot be drawn within its limits."""

    def __init__(self) -> None:
        super().__init__("no_preview", "这一页无法生成预览，请下载文件后查看。")


async def render_page(files: Files, evidence: Evidence, page: int) -> bytes:
    """One page of a locked file as PNG.

    Raises:
        NotFound: the file has no such page, or none is shown.
        NoPreview: it cannot be drawn.
    """
    if evidence.version_id is None or not 1 <= page <= previewed(evidence.name, evidence.pages):
        raise NotFound
    with tempfile.NamedTemporaryFile(prefix="preview-") as local:
        if await files.fetch(EVIDENCE, quarantine_key(evidence), local, evidence.version_id) is None:
            raise NotFound
        try:
            return await run_confined(DRAWING, local.name, extension_of(evidence.name), str(page))
        except Crashed as crash:
            raise NoPreview from crash
