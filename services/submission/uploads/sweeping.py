"""What is swept: announcements that nothing followed, objects in quarantine that nobody finalised, unjoined parts."""

import asyncio
from datetime import datetime

from services.submission.actions import evidence as actions
from shared.infra.clocks import SystemClock
from shared.infra.files import QUARANTINE
from shared.infra.service import Service
from shared.infra.telemetry import current_trace

SWEEP_SECONDS = 600.0


async def sweep_uploads(service: Service) -> None:
    """For ever, each ten minutes."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await remove_orphans(service, SystemClock().now())


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
