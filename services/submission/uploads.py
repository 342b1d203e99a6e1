"""Finalising an upload: from quarantine, checked, into the locked bucket, then the row."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from services.submission import store
from services.submission.actions import evidence as actions
from services.submission.actions.cases import readable_case
from services.submission.actions.evidence import KeptFile, quarantine_key
from services.submission.domain.evidence import check_content, check_size
from services.submission.reading import evidence_view
from services.submission.tables import Evidence
from services.submission.views import EvidenceView
from shared.infra.clocks import SystemClock
from shared.infra.database import Tx
from shared.infra.files import QUARANTINE, RETENTION_DAYS, Files
from shared.infra.service import Service
from shared.infra.telemetry import current_trace
from shared.kernel.canonical import digest_bytes
from shared.kernel.refusals import Conflict, Refusal
from shared.web.act import Act

SWEEP_SECONDS = 600.0


class NotUploaded(Conflict):
    """Nothing lies in quarantine yet: the upload may still come."""

    def __init__(self) -> None:
        super().__init__("not_uploaded", "文件还没有上传完成，请上传后再确认。")


async def finalise_upload(act: Act, files: Files, case_id: UUID, evidence_id: UUID) -> EvidenceView:
    """Check the uploaded file and copy it into the locked bucket; a refused one is removed, its reason kept.

    A repeat answers from the row: kept files again, refused ones with the same refusal.
    """
    evidence = await act.read(lambda tx: _file_of(tx, case_id, evidence_id))
    if evidence.state != "waiting":
        return evidence_view(evidence)
    try:
        kept = await _check_and_lock(files, evidence)
    except NotUploaded:
        raise
    except Refusal as refusal:
        reason = refusal
        await act.read(lambda tx: actions.refuse_evidence(tx, case_id, evidence_id, reason))
        await files.remove(QUARANTINE, quarantine_key(evidence))
        raise

    async def do(tx: Tx) -> EvidenceView:
        return evidence_view(await actions.keep_evidence(tx, case_id, evidence_id, kept))

    answer = await act(do)
    await files.remove(QUARANTINE, quarantine_key(evidence))
    return answer


async def _file_of(tx: Tx, case_id: UUID, evidence_id: UUID) -> Evidence:
    await readable_case(tx, case_id)
    evidence = await store.evidence_file(tx, case_id, evidence_id)
    if evidence.state == "refused":
        raise Refusal(evidence.refusal_code or "evidence_refused", evidence.refusal or "文件未被接收。")
    if evidence.state == "removed":
        raise Conflict("evidence_removed", "此文件已被移除。")
    return evidence


async def _check_and_lock(files: Files, evidence: Evidence) -> KeptFile:
    """Size before content, content before the copy; nothing unchecked reaches the locked bucket."""
    key = quarantine_key(evidence)
    size = await files.size(QUARANTINE, key)
    if size is None:
        raise NotUploaded
    check_size(size)
    content = await files.get(QUARANTINE, key)
    check_content(evidence.name, content)
    until = SystemClock().now() + timedelta(days=RETENTION_DAYS)
    version = await files.lock_in(key, key, until)
    return KeptFile(digest_bytes(content), len(content), version)


async def sweep_uploads(service: Service) -> None:
    """For ever, each ten minutes: what was announced and never came is forgotten, what lies in quarantine for more
    than an hour is removed."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await remove_orphans(service, SystemClock().now() - actions.UNFINISHED)


async def remove_orphans(service: Service, before: datetime) -> int:
    """Forget announcements and remove quarantined objects older than an instant of system time."""
    async with service.database.transaction(trace=current_trace.get()) as tx:
        await actions.forget_unfinished(tx, before)
    files = service.files
    lying = await asyncio.to_thread(lambda: list(files.client.list_objects(QUARANTINE, recursive=True)))
    orphans = [one.object_name for one in lying if one.last_modified is not None and one.last_modified < before]
    for key in orphans:
        await files.remove(QUARANTINE, str(key))
    return len(orphans)
