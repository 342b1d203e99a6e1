"""What is swept: announcements that nothing followed, objects in quarantine that nobody finalised, unjoined parts."""

import asyncio
from datetime import datetime, timedelta

from services.submission.actions import evidence as actions
from services.submission.tables import Evidence
from services.submission.uploads.finalising import check, clear, lock
from shared.infra.clocks import SystemClock
from shared.infra.files import QUARANTINE
from shared.infra.service import Service
from shared.infra.telemetry import current_trace
from shared.kernel.refusals import Refusal

SWEEP_SECONDS = 600.0
SCAN_SECONDS = 20.0


async def sweep_uploads(service: Service) -> None:
    """For ever: held files are scanned every twenty seconds, orphans are removed every ten minutes."""
    swept = SystemClock().now()
    while True:
        await asyncio.sleep(SCAN_SECONDS)
        await scan_held(service)
        if (now := SystemClock().now()) - swept >= timedelta(seconds=SWEEP_SECONDS):
            await remove_orphans(service, now)
            swept = now


async def scan_held(service: Service) -> int:
    """Check and scan the held files again; returns how many of them are settled now. Without a scanner they wait: what
    was to be scanned is never taken unscanned."""
    if service.scanner is None:
        return 0
    async with service.database.transaction(trace=current_trace.get()) as tx:
        held = await actions.held_files(tx)
    return sum([await _settle(service, evidence) for evidence in held])


async def _settle(service: Service, evidence: Evidence) -> bool:
    case_id, evidence_id = evidence.case_id, evidence.evidence_id
    try:
        checked = await check(service, evidence)
        if checked.fetched.sha256 != evidence.sha256:
            raise Refusal("evidence_changed", "文件在待查毒期间发生了变化，未予接收。请重新上传。")
    except Refusal as refusal:
        async with service.database.transaction(trace=current_trace.get()) as tx:
            await actions.refuse_held(tx, case_id, evidence_id, refusal)
        await clear(service.files, evidence)
        return True
    if checked.scan is not None and checked.scan.verdict == "unscanned":
        return False
    kept = await lock(service.files, evidence, checked)
    async with service.database.transaction(trace=current_trace.get()) as tx:
        await actions.release_evidence(tx, case_id, evidence_id, kept)
    await clear(service.files, evidence)
    return True


async def remove_orphans(service: Service, now: datetime) -> int:
    """Forget announcements whose time is over, then remove quarantined objects and parts that no row waits for."""
    async with service.database.transaction(trace=current_trace.get()) as tx:
        await actions.forget_unfinished(tx, now)
        awaited = await actions.awaited_keys(tx)
    files, before, removed = service.files, now - actions.UNFINISHED, 0
    for key, since in (await files.quarantined()).items():
        if since < before and key not in awaited:
            await files.remove(QUARANTINE, key)
            removed += 1
    for upload in await files.unfinished_uploads():
        if upload.begun_at < before and upload.key not in awaited:
            await files.drop_parts(upload.key, upload.upload_id)
            removed += 1
    return removed
