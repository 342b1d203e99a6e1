"""Finalising an upload: from quarantine, hashed and checked, into the locked bucket, then the row."""

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.submission import store
from services.submission.actions import evidence as actions
from services.submission.actions.cases import readable_case
from services.submission.actions.evidence import HeldFile, KeptFile, quarantine_key
from services.submission.actions.filing import case_for_filing
from services.submission.domain.evidence import in_parts
from services.submission.reading import evidence_view
from services.submission.tables import Evidence
from services.submission.uploads.going_on import NotUploaded, join
from services.submission.views import EvidenceView
from shared.infra.clocks import SystemClock
from shared.infra.database import Tx
from shared.infra.files import QUARANTINE, RETENTION_DAYS, Fetched, Files
from shared.infra.inspection.looking import look_at
from shared.infra.killpoints import EVIDENCE_LOCKED, reach
from shared.infra.scanner import Scan
from shared.infra.service import Service
from shared.kernel.refusals import Conflict, Refusal
from shared.web.act import Act


@dataclass(frozen=True)
class Checked:
    """A file that passed every check, its pages if it has any, and what the scanner said, if one is set."""

    fetched: Fetched
    pages: int | None
    scan: Scan | None


async def finalise_upload(act: Act, service: Service, case_id: UUID, evidence_id: UUID) -> EvidenceView:
    """Check the uploaded file and copy it into the locked bucket; a refused one is removed, its reason kept; one that
    the scanner could not look at is held in quarantine until it can.

    A repeat answers from the row: kept files again, refused ones with the same refusal. Killed anywhere between, a
    repeat goes on: parts are joined once, a copy that is there already is taken.
    """
    evidence = await act.read(lambda tx: _file_of(tx, case_id, evidence_id))
    if evidence.state != "waiting":
        return await act.read(lambda tx: _view(tx, evidence))
    files = service.files
    try:
        await _join(act, files, evidence)
        checked = await check(service, evidence)
        await act.read(lambda tx: actions.check_pages(tx, evidence, checked.pages))
    except NotUploaded:
        evidence = await act.read(lambda tx: _file_of(tx, case_id, evidence_id))
        if evidence.state == "waiting":
            raise
        return await act.read(lambda tx: _view(tx, evidence))  # a repeat that ran beside the first one
    except Refusal as refusal:
        reason = refusal
        await act.read(lambda tx: actions.refuse_evidence(tx, case_id, evidence_id, reason))
        await clear(files, evidence)
        raise
    if checked.scan is not None and checked.scan.verdict == "unscanned":
        held = HeldFile(checked.fetched.sha256, checked.fetched.size, checked.pages, checked.scan.found)
        return await act(lambda tx: _held(tx, case_id, evidence_id, held))
    kept = await lock(files, evidence, checked)

    async def do(tx: Tx) -> EvidenceView:
        return await _view(tx, await actions.keep_evidence(tx, case_id, evidence_id, kept))

    answer = await act(do)
    await files.remove(QUARANTINE, quarantine_key(evidence))
    return answer


async def _join(act: Act, files: Files, evidence: Evidence) -> None:
    """The first of those that ask at once joins the parts; the others wait, and find them joined."""
    if evidence.upload_id is not None:
        async with act.transaction() as tx:
            await tx.lock("join", evidence.evidence_id)
            await join(files, evidence)


async def _held(tx: Tx, case_id: UUID, evidence_id: UUID, held: HeldFile) -> EvidenceView:
    return await _view(tx, await actions.hold_evidence(tx, case_id, evidence_id, held))


async def take_out(act: Act, files: Files, case_id: UUID, evidence_id: UUID) -> EvidenceView:
    """Take a file out of a filing; what of it lies in quarantine goes, what is locked stays."""

    async def do(tx: Tx) -> EvidenceView:
        return evidence_view(await actions.remove_evidence(tx, case_id, evidence_id))

    answer = await act(do)
    evidence = await act.read(lambda tx: store.evidence_file(tx, case_id, evidence_id))
    if evidence.version_id is None:
        await clear(files, evidence)
    return answer


async def clear(files: Files, evidence: Evidence) -> None:
    """Nothing of it stays in quarantine."""
    if evidence.upload_id is not None:
        await files.drop_parts(quarantine_key(evidence), evidence.upload_id)
    await files.remove(QUARANTINE, quarantine_key(evidence))


async def _file_of(tx: Tx, case_id: UUID, evidence_id: UUID) -> Evidence:
    await readable_case(tx, case_id)
    evidence = await store.evidence_file(tx, case_id, evidence_id)
    if evidence.state == "refused":
        raise Refusal(evidence.refusal_code or "evidence_refused", evidence.refusal or "文件未被接收。")
    if evidence.state == "removed":
        raise Conflict("evidence_removed", "此文件已被移除。")
    if evidence.state == "waiting":
        await case_for_filing(tx, case_id)  # after the term nothing is locked in any more
    return evidence


async def _view(tx: Tx, evidence: Evidence) -> EvidenceView:
    bound = await store.bindings_of(tx, [evidence.evidence_id])
    return evidence_view(evidence, bound.get(evidence.evidence_id, ()))


async def check(service: Service, evidence: Evidence) -> Checked:
    """Fetch what lies in quarantine and look at it; nothing unchecked reaches the locked bucket.

    Raises:
        NotUploaded: nothing lies there, or not all.
        Refusal: it may not be kept.
    """
    with tempfile.NamedTemporaryFile(prefix="evidence-") as local:
        fetched = await service.files.fetch(QUARANTINE, quarantine_key(evidence), local)
        if fetched is None or (in_parts(evidence.size) and fetched.size != evidence.size):
            raise NotUploaded
        looked = await look_at(local, evidence.name, service.scanner)
        return Checked(fetched, looked.pages, looked.scan)


async def lock(files: Files, evidence: Evidence, checked: Checked) -> KeptFile:
    """Copy what was checked into the locked bucket."""
    until = SystemClock().now() + timedelta(days=RETENTION_DAYS)
    version = await files.lock_in(quarantine_key(evidence), checked.fetched, evidence.media_type, until)
    reach(EVIDENCE_LOCKED)
    return KeptFile(
        sha256=checked.fetched.sha256,
        size=checked.fetched.size,
        version_id=version,
        pages=checked.pages,
        scan="none" if checked.scan is None else "clean",
        scanned_by=checked.scan.by if checked.scan else None,
    )
