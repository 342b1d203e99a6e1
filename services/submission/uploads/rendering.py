"""A page of a piece of evidence as a picture."""

from services.submission.actions.evidence import quarantine_key
from services.submission.domain.evidence import previewed
from services.submission.tables import Evidence
from shared.infra.files import Files
from shared.infra.previews import draw_page
from shared.kernel.file_names import extension_of
from shared.kernel.refusals import NotFound


async def render_page(files: Files, evidence: Evidence, page: int) -> bytes:
    """One page of a locked file as PNG.

    Raises:
        NotFound: the file has no such page, or none is shown.
        NoPreview: it cannot be drawn.
    """
    version, sha256 = evidence.version_id, evidence.sha256
    if version is None or sha256 is None or not 1 <= page <= previewed(evidence.name, evidence.pages):
        raise NotFound
    return await draw_page(files, quarantine_key(evidence), version, sha256, extension_of(evidence.name), page)
