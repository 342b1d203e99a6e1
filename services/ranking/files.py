"""Files that departments give with their concerns: checked, then laid in S3 under their SHA-256."""

from services.ranking.actions.consultation import FileGiven
from services.ranking.domain.consultation import media_type_of
from shared.infra.files import DOSSIERS, Files
from shared.kernel.canonical import digest_bytes


async def lay_down(files: Files, content: bytes) -> FileGiven:
    """Put a file where it is found again; the same file twice is one. Refuses other kinds than PDF and pictures."""
    media_type, sha256 = media_type_of(content), digest_bytes(content)
    key = f"ranking/concerns/{sha256}"
    await files.put(DOSSIERS, key, content, media_type)
    return FileGiven(key=key, sha256=sha256, octets=len(content), media_type=media_type)
