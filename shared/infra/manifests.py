"""Manifests between stages: freezing, receiving, amendments, and the answer at a gate."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.dossiers import Manifest, ManifestEntry
from shared.contracts.facts import CaseAmended
from shared.contracts.workflows import StandingAnswer
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.files import Files
from shared.infra.tables import Amendment, Dossier, ManifestRow, Stage, Standing

Shape = TypeVar("Shape", bound=BaseModel)


class DossierMissing(Exception):
    """A manifest names dossiers that are not in S3 yet; the receiver waits and names them."""


async def freeze_manifest(tx: Tx, stage: Stage, entries: Sequence[ManifestEntry]) -> tuple[UUID, str, int]:
    """Freeze (case, dossier digest) for the next stage; returns (id, digest, number of cases)."""
    manifest = Manifest(
        manifest_id=new_id(),
        source=tx.service,
        stage_id=stage.stage_id,
        cycle_id=stage.cycle_id,
        category_id=stage.category_id,
        entries=tuple(sorted(entries, key=lambda entry: entry.number)),
    )
    digest = await tx.put_dossier(manifest, "manifest")
    await keep_manifest(tx, manifest, digest)
    await tx.audit(
        "manifest.frozen",
        cycle_id=stage.cycle_id,
        category_id=stage.category_id,
        stage_id=stage.stage_id,
        public=digest,
        cases=len(entries),
    )
    return manifest.manifest_id, digest, len(entries)


async def keep_manifest(tx: Tx, manifest: Manifest, digest: str) -> None:
    """Remember a manifest that was frozen or received here."""
    statement = insert(ManifestRow).values(
        manifest_id=manifest.manifest_id,
        digest=digest,
        source=manifest.source,
        stage_id=manifest.stage_id,
        category_id=manifest.category_id,
        cases=len(manifest.entries),
        frozen_at=tx.now,
    )
    await tx.session.execute(statement.on_conflict_do_nothing(index_elements=["manifest_id"]))


async def unstored_dossiers(tx: Tx, digests: Iterable[str]) -> list[str]:
    """Which of this service's dossiers are not in S3 yet; a manifest freezes only when there are none."""
    found = await tx.session.execute(
        select(Dossier.digest).where(Dossier.digest.in_(list(digests)), Dossier.stored_at.is_(None))  # type: ignore[call-overload, attr-defined, union-attr]
    )
    return list(found.scalars())


async def fetch_manifest(files: Files, source: str, digest: str) -> Manifest:
    """Read a manifest from S3, checked against its digest."""
    return Manifest.model_validate_json(await files.get_dossier(source, digest))


async def fetch_dossiers(files: Files, source: str, shape: type[Shape], digests: Sequence[str]) -> list[Shape]:
    """Read all dossiers of a manifest; raises ``DossierMissing`` naming those that are not there."""
    missing = [digest for digest in digests if not await files.has_dossier(source, digest)]
    if missing:
        raise DossierMissing(", ".join(missing))
    return [shape.model_validate_json(await files.get_dossier(source, digest)) for digest in digests]


async def hold_amendments(tx: Tx, category_id: UUID) -> None:
    """No amendment of the category is taken in until this transaction ends.

    Whoever takes a manifest over asks for this first: an amendment that came between its reading of amendments and its
    commit would find no case to strike, and would itself not have been read.
    """
    await tx.lock("amendments", category_id)


async def note_amendment(tx: Tx, fact: CaseAmended) -> None:
    """Keep an amendment of a case (consumers of ``submission.case.amended`` call this first)."""
    if fact.case_id is None or fact.category_id is None:
        raise ValueError("an amendment names its case and category")
    await hold_amendments(tx, fact.category_id)
    statement = insert(Amendment).values(
        fact_id=tx.cause or new_id(),
        case_id=fact.case_id,
        category_id=fact.category_id,
        number=fact.number,
        kind=fact.kind,
        dossier_digest=fact.dossier_digest,
        occurred_at=tx.now,
    )
    await tx.session.execute(statement.on_conflict_do_nothing(index_elements=["fact_id"]))


async def bind_standing(tx: Tx, answer: StandingAnswer, stage: Stage) -> None:
    """Bind the stage to the owner's answer at a gate, once."""
    written = await tx.session.execute(
        insert(Standing)
        .values(
            manifest_id=answer.manifest_id,
            gate=answer.gate,
            fallen=[str(case) for case in answer.fallen],
            digest=answer.digest,
            answered_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["manifest_id", "gate"])
        .returning(Standing.gate)  # type: ignore[call-overload]
    )
    if written.one_or_none() is not None:
        await tx.audit(
            "standing.bound",
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            stage_id=stage.stage_id,
            public=answer.digest,
            gate=answer.gate,
            fallen=len(answer.fallen),
        )


async def standing_at(tx: Tx, manifest_id: UUID, gate: str) -> Standing | None:
    """The answer this service bound itself to at a gate, if it has one."""
    return await tx.session.get(Standing, (manifest_id, gate))
