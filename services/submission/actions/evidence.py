"""Evidence: announcing a file, keeping what passed the check, refusing what did not, removing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, delete

from services.submission import store
from services.submission.actions.cases import case_place
from services.submission.actions.filing import case_for_filing, reopened_fields
from services.submission.actions.rules import category_of
from services.submission.domain import evidence as rules
from services.submission.domain.filing import require_reopened
from services.submission.tables import Case, Evidence, EvidenceBinding, Rectification
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.kernel.refusals import Refusal
from shared.rulebook import Category

UNFINISHED = timedelta(hours=1)


@dataclass(frozen=True)
class Announcement:
    """A file about to be uploaded: size in bytes, kind as in the rulebook, figures it shows."""

    name: str
    kind: str
    size: int
    figures: tuple[str, ...] = ()
    page: int | None = None


def quarantine_key(evidence: Evidence) -> str:
    """Where an upload lies until it was checked."""
    return f"{evidence.case_id}/{evidence.evidence_id}"


async def announce_evidence(tx: Tx, case_id: UUID, announced: Announcement) -> Evidence:
    """Take a file's announcement: type and size by name, kind and figures by the form, quota of the case."""
    case, rectification = await case_for_filing(tx, case_id)
    media_type = rules.check_announced(announced.name, announced.size)
    _check_place(category_of(case), announced)
    _check_reopened(rectification, announced)
    present = [one for one in await store.evidence_of(tx, case_id) if one.state in ("kept", "waiting")]
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
    )
    tx.session.add(evidence)
    for figure in sorted(set(announced.figures)):
        tx.session.add(EvidenceBinding(evidence_id=evidence.evidence_id, figure=figure, page=announced.page))
    await tx.audit("evidence.announced", **case_place(case), evidence=evidence.evidence_id, kind=announced.kind)
    return evidence


def _check_place(category: Category, announced: Announcement) -> None:
    if announced.kind not in {kind.id for kind in category.evidence}:
        known = "、".join(f"{kind.id}（{kind.label}）" for kind in category.evidence)
        raise Refusal("evidence_kind", f"证明材料的种类应为：{known}。", field="kind")
    for figure in announced.figures:
        if category.fact(figure) is None:
            raise Refusal("unknown_fact", f"申报表中没有“{figure}”这一项。", field="figures")


def _check_reopened(rectification: Rectification | None, announced: Announcement) -> None:
    """During a rectification a file must be of a reopened kind, or show only reopened figures."""
    if rectification is None or announced.kind in reopened_fields(rectification):
        return
    require_reopened(reopened_fields(rectification), announced.figures or (announced.kind,))


async def keep_evidence(tx: Tx, case_id: UUID, evidence_id: UUID, kept: "KeptFile") -> Evidence:
    """Record a file that lies in the locked bucket; the second of two simultaneous finalisations changes nothing."""
    case, _ = await case_for_filing(tx, case_id)
    evidence = await store.evidence_file(tx, case_id, evidence_id, update=True)
    if evidence.state != "waiting":
        return evidence
    evidence.state, evidence.finalised_at = "kept", tx.system_now
    evidence.sha256, evidence.size, evidence.version_id = kept.sha256, kept.size, kept.version_id
    tx.session.add(evidence)
    _touch(tx, case)
    await tx.audit(
        "evidence.kept", **case_place(case), evidence=evidence_id, sha256=kept.sha256, version=kept.version_id
    )
    return evidence


@dataclass(frozen=True)
class KeptFile:
    """A file in the locked bucket: hash, bytes, version id."""

    sha256: str
    size: int
    version_id: str


async def refuse_evidence(tx: Tx, case_id: UUID, evidence_id: UUID, refusal: Refusal) -> None:
    """Record why an upload was not taken."""
    evidence = await store.evidence_file(tx, case_id, evidence_id, update=True)
    if evidence.state != "waiting":
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
        _check_reopened(rectification, Announcement(evidence.name, evidence.kind, evidence.size, figures))
    evidence.state = "removed"
    tx.session.add(evidence)
    await tx.session.execute(delete(EvidenceBinding).where(col(EvidenceBinding.evidence_id) == evidence_id))
    _touch(tx, case)
    await tx.audit("evidence.removed", **case_place(case), evidence=evidence_id)
    return evidence


def _touch(tx: Tx, case: Case) -> None:
    case.version += 1
    tx.session.add(case)


async def forget_unfinished(tx: Tx, before: datetime) -> Sequence[Evidence]:
    """Refuse files that were announced before an instant (system time) and never came."""
    stale = await store.stale_evidence(tx, before)
    for evidence in stale:
        evidence.state, evidence.refusal_code, evidence.refusal = "refused", "not_uploaded", "未在规定时间内上传完成。"
        tx.session.add(evidence)
    return stale
