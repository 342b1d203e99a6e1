"""Files that departments give with their concerns: looked at like evidence, then laid in S3 under their SHA-256; what
the scanner could not look at is kept, but read by nobody before it was."""

import asyncio
import tempfile

from services.ranking.actions import consultation
from services.ranking.actions.consultation import FileGiven
from services.ranking.domain.consultation import EXTENSIONS, media_type_of
from services.ranking.tables import ConcernFile
from shared.infra.files import DOSSIERS
from shared.infra.inspection.looking import Looked, look_at
from shared.infra.service import Service
from shared.infra.telemetry import current_trace
from shared.kernel.canonical import digest_bytes
from shared.kernel.refusals import Refusal

SCAN_SECONDS = 20.0


async def lay_down(service: Service, content: bytes) -> FileGiven:
    """Check a file and put it where it is found again; the same file twice is one.

    Raises:
        Refusal: another kind than PDF and pictures, damaged, with something in it that acts or hides, or infected.
    """
    media_type, sha256 = media_type_of(content), digest_bytes(content)
    looked = await _looked(service, content, media_type)
    key = f"ranking/concerns/{sha256}"
    await service.files.put(DOSSIERS, key, content, media_type)
    return FileGiven(
        key=key,
        sha256=sha256,
        octets=len(content),
        media_type=media_type,
        scan="held" if looked.held else "none" if looked.scan is None else "clean",
        scanned_by=looked.scan.by if looked.scan and not looked.held else None,
    )


async def _looked(service: Service, content: bytes, media_type: str) -> Looked:
    with tempfile.NamedTemporaryFile(prefix="concern-") as local:
        local.write(content)
        local.flush()
        return await look_at(local, f"concern.{EXTENSIONS[media_type]}", service.scanner)


async def sweep_files(service: Service) -> None:
    """For ever: held files are scanned every twenty seconds."""
    while True:
        await asyncio.sleep(SCAN_SECONDS)
        await scan_held(service)


async def scan_held(service: Service) -> int:
    """Scan the held files again; returns how many of them are settled now. Without a scanner they wait: what was to be
    scanned is never taken unscanned."""
    if service.scanner is None:
        return 0
    async with service.database.transaction(trace=current_trace.get()) as tx:
        held = await consultation.held_files(tx)
    return sum([await _settle(service, one) for one in held])


async def _settle(service: Service, held: ConcernFile) -> bool:
    content, refusal = await service.files.get(DOSSIERS, held.key), None
    try:
        looked = await _looked(service, content, held.media_type)
        if looked.held:
            return False
    except Refusal as found:
        refusal = found
    async with service.database.transaction(trace=current_trace.get()) as tx:
        await consultation.settle_file(tx, held, refusal, looked.scan.by if refusal is None and looked.scan else None)
    if refusal is not None:
        await service.files.remove(DOSSIERS, held.key)
    return True
