"""Evidence: announcing a file, keeping what passed the check, refusing what did not, removing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, delete

from services.submission import store
from services.submission.actions.cases import case_place, put_case_dossier
from services.submission.actions.filing import case_for_filing, reopened_fields
from services.submission.actions.notices import tell_applicant
from services.submission.actions.rules import category_of
from services.submission.domain import evidence as rules
from services.submission.domain.filing import PAPER, require_reopened
from services.submission.domain.statement import evidence_kinds
from services.submission.tables import Case, Evidence, EvidenceBinding, Rectification
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.kernel.refusals import Conflict, Refusal

UNFINISHED = timedelta(hours=1)
UNFINISHED_PARTS = timedelta(days=2)
"""So long an upload in parts may be gone on with."""


@dataclass(frozen=True)
class Announcement:
    """A file about to be uploaded: size in bytes, kind as in the rulebook, figures it shows on which page.

    ``replaces``: the file whose next edition it is; without figures of its own it shows those of that file.
    """

    name: str
    kind: str
    size: int
    figures: tuple[str, ...] = ()
    page: int | None = None
    replaces: UUID | None = None


STORED = ("waiting", "held", "kept", "replaced")
"""States in which a file takes up room."""


def quarantine_key(evidence: Evidence) -> str:
    """Where an upload lies until it was checked."""
    return f"{evidence.case_id}/{evidence.evidence_id}"


async def announce_evidence(tx: Tx, case_id: UUID, announced: Announcement) -> Evidence:
    """Take a file's announcement: type and size by name, kind and figures by the form, quota of the case."""
    case, rectification = await case_for_filing(tx, case_id)
    media_type = rules.check_announced(announced.name, announced.size)
    _check_place(case, announced)
    former = await _former(tx, case_id, announced)
    bindings = await _bindings(tx, announced, former)
    _check_reopened(rectification, announced.kind, tuple(bindings))
    files = await store.evidence_of(tx, case_id)
    present = [one for one in files if one.state in STORED]
    rules.check_quota([one.size for one in present], announced.size)
    evidence = Evidence(
        evidence_id=new_id(),
        case_id=case_id,
        name=announced.name,
        kind=announced.kind,
        media_type=media_type,
        size=announced.size,
        state="waiting",
        announced_at=tx.system_now,
        replaces=former.evidence_id if former else None,
        edition=former.edition + 1 if former else 1,
    )
    tx.session.add(evidence)
    for figure, page in sorted(bindings.items()):
        tx.session.add(EvidenceBinding(evidence_id=evidence.evidence_id, figure=figure, page=page))
    await tx.audit(
        "evidence.announced",
        **case_place(case),
        evidence=evidence.evidence_id,
        kind=announced.kind,
        replaces=evidence.replaces,
    )
    return evidence


async def _former(tx: Tx, case_id: UUID, announced: Announcement) -> Evidence | None:
    """The file that is to be replaced: in force, of the same case and kind."""
    if announced.replaces is None:
        return None
    former = await store.evidence_file(tx, case_id, announced.replaces)
    if former.state != "kept":
        raise Conflict("not_in_force", "要替换的文件已不是最新版本，请刷新页面后重试。", field="replaces")
    if former.kind != announced.kind:
        raise Refusal("evidence_kind", "新版本的种类须与原文件相同。", field="kind")
    return former


async def _bindings(tx: Tx, announced: Announcement, former: Evidence | None) -> dict[str, int | None]:
    """Figure → page."""
    if announced.figures or former is None:
        return dict.fromkeys(announced.figures, announced.page)
    bound = await store.bindings_of(tx, [former.evidence_id])
    return {one.figure: announced.page or one.page for one in bound.get(former.evidence_id, [])}


async def note_upload(tx: Tx, evidence: Evidence, upload_id: str) -> str:
    """Remember under which id the parts of a large file come in; of two who begin at once the first one's id counts."""
    await case_for_filing(tx, evidence.case_id)
    now = await store.evidence_file(tx, evidence.case_id, evidence.evidence_id, update=True)
    if now.upload_id is None or now.upload_id == evidence.upload_id:
        now.upload_id = upload_id
        tx.session.add(now)
    return now.upload_id


def _check_place(case: Case, announced: Announcement) -> None:
    category = category_of(case)
    kinds = (*evidence_kinds(category), *((PAPER,) if case.paper else ()))
    if announced.kind not in {kind.id for kind in kinds}:
        known = "、".join(f"{kind.id}（{kind.label}）" for kind in kinds)
        raise Refusal("evidence_kind", f"证明材料的种类应为：{known}。", field="kind")
    for figure in announced.figures:
        if category.fact(figure) is None:
            raise Refusal("unknown_fact", f"申报表中没有“{figure}”这一项。", field="figures")


def _check_reopened(rectification: Rectification | None, kind: str, figures: tuple[str, ...]) -> None:
    """During a rectification a file must be of a reopened kind, or show only reopened figures."""
    if rectification is None or kind in reopened_fields(rectification):
        return
    require_reopened(reopened_fields(rectification), figures or (kind,))


async def check_pages(tx: Tx, evidence: Evidence, pages: int | None) -> None:
    """Refuse a page that the file does not have; one taken over from the edition before is left open."""
    bound = (await store.bindings_of(tx, [evidence.evidence_id])).get(evidence.evidence_id, [])
    beyond = [one for one in bound if pages is not None and one.page is not None and one.page > pages]
    if beyond and evidence.replaces is None:
        said = f"文件共 {pages} 页，没有第 {beyond[0].page} 页。请更正“所在页”后再上传。"
        raise Refusal("evidence_page", said, field="page")
    for one in beyond:
        one.page = None
        tx.session.add(one)


async def keep_evidence(tx: Tx, case_id: UUID, evidence_id: UUID, kept: "KeptFile") -> Evidence:
    """Record a file that lies in the locked bucket; the second of two simultaneous finalisations changes nothing."""
    case, _ = await case_for_filing(tx, case_id)
    evidence = await store.evidence_file(tx, case_id, evidence_id, update=True)
    return await _keep(tx, case, evidence, kept) if evidence.state == "waiting" else evidence


async def hold_evidence(tx: Tx, case_id: UUID, evidence_id: UUID, held: "HeldFile") -> Evidence:
    """Record a file that passed every check but could not be scanned: it stays in quarantine until it was."""
    case, _ = await case_for_filing(tx, case_id)
    evidence = await store.evidence_file(tx, case_id, evidence_id, update=True)
    if evidence.state != "waiting":
        return evidence
    evidence.state, evidence.sha256, evidence.size, evidence.pages = "held", held.sha256, held.size, held.pages
    tx.session.add(evidence)
    _touch(tx, case)
    await tx.audit("evidence.held", **case_place(case), evidence=evidence_id, sha256=held.sha256, why=held.why)
    return evidence


async def release_evidence(tx: Tx, case_id: UUID, evidence_id: UUID, kept: "KeptFile") -> Evidence:
    """Keep a held file that has been scanned since; a case that was handed in meanwhile gets a new dossier."""
    case = await store.case_of(tx, case_id, update=True)
    evidence = await store.evidence_file(tx, case_id, evidence_id, update=True)
    if evidence.state != "held":
        return evidence
    evidence = await _keep(tx, case, evidence, kept)
    if case.receipt_digest is not None:
        await tx.session.flush()
        await put_case_dossier(tx, case)
    return evidence


async def _keep(tx: Tx, case: Case, evidence: Evidence, kept: "KeptFile") -> Evidence:
    evidence.state, evidence.finalised_at = "kept", tx.system_now
    evidence.sha256, evidence.size, evidence.version_id = kept.sha256, kept.size, kept.version_id
    evidence.pages, evidence.scan, evidence.scanned_by = kept.pages, kept.scan, kept.scanned_by
    tx.session.add(evidence)
    await _replace_former(tx, evidence)
    _touch(tx, case)
    await tx.audit(
        "evidence.kept",
        **case_place(case),
        evidence=evidence.evidence_id,
        sha256=kept.sha256,
        version=kept.version_id,
        scan=kept.scan,
        scanned_by=kept.scanned_by,
    )
    return evidence


async def _replace_former(tx: Tx, evidence: Evidence) -> None:
    """The edition before this one stays, with its number, but no longer counts."""
    if evidence.replaces is None:
        return
    former = await store.evidence_file(tx, evidence.case_id, evidence.replaces, update=True)
    if former.state == "kept":
        former.state = "replaced"
        tx.session.add(former)


@dataclass(frozen=True)
class KeptFile:
    """A file in the locked bucket: hash, bytes, version id there, pages if it has any, what the scanner said."""

    sha256: str
    size: int
    version_id: str
    pages: int | None
    scan: str
    scanned_by: str | None = None


@dataclass(frozen=True)
class HeldFile:
    """A file in quarantine that waits for the scanner: hash, bytes, pages, and why it could not be scanned."""

    sha256: str
    size: int
    pages: int | None
    why: str


async def refuse_evidence(tx: Tx, case_id: UUID, evidence_id: UUID, refusal: Refusal) -> None:
    """Record why an upload was not taken."""
    evidence = await store.evidence_file(tx, case_id, evidence_id, update=True)
    if evidence.state not in ("waiting", "held"):
        return
    evidence.state, evidence.finalised_at = "refused", tx.system_now
    evidence.refusal_code, evidence.refusal = refusal.code, refusal.message
    tx.session.add(evidence)
    await tx.audit("evidence.refused", case_id=case_id, evidence=evidence_id, code=refusal.code)


async def remove_evidence(tx: Tx, case_id: UUID, evidence_id: UUID) -> Evidence:
    """Take a file out of a filing that may still be changed; the locked object itself stays."""
    case, rectification = await case_for_filing(tx, case_id)
    evidence = await store.evidence_file(tx, case_id, evidence_id, update=True)
    if rectification is not None:
        bound = await store.bindings_of(tx, [evidence_id])
        figures = tuple(binding.figure for binding in bound.get(evidence_id, []))
        _check_reopened(rectification, evidence.kind, figures)
    evidence.state = "removed"
    tx.session.add(evidence)
    await tx.session.execute(delete(EvidenceBinding).where(col(EvidenceBinding.evidence_id) == evidence_id))
    _touch(tx, case)
    await tx.audit("evidence.removed", **case_place(case), evidence=evidence_id)
    return evidence


def _touch(tx: Tx, case: Case) -> None:
    case.version += 1
    tx.session.add(case)


async def forget_unfinished(tx: Tx, now: datetime) -> Sequence[Evidence]:
    """Refuse files that were announced too long ago (system time) and never came."""
    stale = await store.stale_evidence(tx, now - UNFINISHED, now - UNFINISHED_PARTS)
    for evidence in stale:
        evidence.state, evidence.refusal_code = "refused", "not_uploaded"
        evidence.refusal = "没有在规定时间内上传完成，请重新上传。"
        tx.session.add(evidence)
    return stale


async def refuse_held(tx: Tx, case_id: UUID, evidence_id: UUID, refusal: Refusal) -> None:
    """Record that a held file is not taken after all, and tell who sent it; a receipt names its digest for ever."""
    case = await store.case_of(tx, case_id, update=True)
    await refuse_evidence(tx, case_id, evidence_id, refusal)
    _touch(tx, case)
    if case.receipt_digest is not None:
        await tx.session.flush()
        await put_case_dossier(tx, case)
    await tell_applicant(tx, case, "evidence_refused")


async def require_scanned(tx: Tx, case_id: UUID) -> None:
    """Refuse to let a case pass while one of its files waits for the scanner."""
    held = await store.evidence_of(tx, case_id, state="held")
    if held:
        raise Conflict("evidence_held", f"文件“{held[0].name}”待查毒，查毒完成后才能作出“通过”的结论。")


async def held_files(tx: Tx) -> Sequence[Evidence]:
    """Files that wait for the scanner, the oldest first."""
    return [one for one in await store.awaited_evidence(tx) if one.state == "held"]


async def awaited_keys(tx: Tx) -> frozenset[str]:
    """What may still lie in quarantine because a row waits for it."""
    return frozenset(quarantine_key(one) for one in await store.awaited_evidence(tx))
