"""Reads of evidence and what it is bound to."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_
from sqlmodel import col, select

from services.submission.tables import (
    Evidence,
    EvidenceBinding,
)
from shared.infra.database import Tx
from shared.infra.rows import among
from shared.kernel.refusals import NotFound


async def evidence_of(tx: Tx, case_id: UUID, *, state: str | None = None) -> Sequence[Evidence]:
    """Files of a case in the order announced."""
    query = select(Evidence).where(col(Evidence.case_id) == case_id).order_by(col(Evidence.evidence_id))
    if state is not None:
        query = query.where(col(Evidence.state) == state)
    return (await tx.session.exec(query)).all()


_IN_FORCE = (
    select(Evidence, EvidenceBinding)
    .outerjoin(EvidenceBinding, col(EvidenceBinding.evidence_id) == col(Evidence.evidence_id))
    .where(among(col(Evidence.case_id), "case_ids"), col(Evidence.state).in_(["kept", "held"]))
    .order_by(col(Evidence.evidence_id), col(EvidenceBinding.figure))
)


async def evidence_in_force(tx: Tx, case_ids: Collection[UUID]) -> list[tuple[Evidence, list[EvidenceBinding]]]:
    """Kept and held files of some cases in the order announced, each with what it is bound to."""
    found: dict[UUID, tuple[Evidence, list[EvidenceBinding]]] = {}
    for file, binding in (await tx.session.exec(_IN_FORCE, params={"case_ids": list(case_ids)})).all():
        _file, bound = found.setdefault(file.evidence_id, (file, []))
        if binding is not None:
            bound.append(binding)
    return list(found.values())


async def evidence_file(tx: Tx, case_id: UUID, evidence_id: UUID, *, update: bool = False) -> Evidence:
    """One file of a case.

    Raises:
        NotFound: the case has no such file.
    """
    query = select(Evidence).where(col(Evidence.evidence_id) == evidence_id, col(Evidence.case_id) == case_id)
    if update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await tx.session.exec(query)).one_or_none()
    if found is None:
        raise NotFound
    return found


async def bindings_of(tx: Tx, evidence_ids: Collection[UUID]) -> dict[UUID, list[EvidenceBinding]]:
    """What each file is bound to."""
    query = (
        select(EvidenceBinding)
        .where(col(EvidenceBinding.evidence_id).in_(list(evidence_ids)))
        .order_by(col(EvidenceBinding.figure))
    )
    found: dict[UUID, list[EvidenceBinding]] = {}
    for binding in (await tx.session.exec(query)).all():
        found.setdefault(binding.evidence_id, []).append(binding)
    return found


async def stale_evidence(tx: Tx, before: datetime, before_in_parts: datetime) -> Sequence[Evidence]:
    """Files announced before an instant (system time) and never finalised; large ones have an instant of their own."""
    query = (
        select(Evidence)
        .where(
            col(Evidence.state) == "waiting",
            or_(
                col(Evidence.announced_at) < before_in_parts,
                and_(col(Evidence.announced_at) < before, col(Evidence.upload_id).is_(None)),
            ),
        )
        .with_for_update(skip_locked=True)
        .limit(100)
    )
    return (await tx.session.exec(query)).all()


async def awaited_evidence(tx: Tx) -> Sequence[Evidence]:
    """Files that are still to come, or held until they are scanned, in the order announced."""
    query = select(Evidence).where(col(Evidence.state).in_(["waiting", "held"])).order_by(col(Evidence.evidence_id))
    return (await tx.session.exec(query)).all()
