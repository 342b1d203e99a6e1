"""What all stages of ranking have alike: opening, receiving a manifest, striking, freezing, closing."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.ranking.actions.parts import deposit_stage
from services.ranking.domain.ranks import rank
from services.ranking.domain.scoring import unscored_dossier
from services.ranking.rules import rules_of
from services.ranking.store import (
    cases_of,
    decision_stage,
    entries_of,
    fallen_before,
    keep_cases,
    progress_of,
    ranked_of,
    standing_of,
)
from services.ranking.tables import CaseCopy, RankedEntry, StageProgress
from shared.contracts.dossiers import ApplicationDossier, Manifest, ManifestEntry
from shared.contracts.facts import ListFixed
from shared.contracts.workflows import StageRef, StandingAnswer
from shared.infra.database import Tx
from shared.infra.manifests import bind_standing, freeze_manifest, hold_amendments, keep_manifest
from shared.infra.stages import close_stage, open_stage, stage_for_act, stage_place, stage_row, wait_for
from shared.infra.tables import Stage
from shared.kernel.refusals import Conflict, Refusal
from shared.rulebook.stages import Term

CO_CHAIR, OFFICE, DEPARTMENT = "co_chair", "office", "department"


class Received(BaseModel):
    """A case as it was read from its manifest, with the filing behind it where the stage needs one."""

    entry: ManifestEntry
    dossier: dict[str, Any]
    application_digest: str | None = None
    application: dict[str, Any] | None = None


def as_reviewed(one: Received) -> Received:
    """A filing that comes straight to its decision, in the shape in which a review would hand it over."""
    filing = ApplicationDossier.model_validate(one.dossier)
    reviewed = unscored_dossier(filing, one.entry.dossier_digest).model_dump(mode="json")
    return Received(
        entry=one.entry, dossier=reviewed, application_digest=one.entry.dossier_digest, application=one.dossier
    )


async def begin_stage(tx: Tx, ref: StageRef, *, waits_for: str | None = None, term: Term | None = None) -> Stage:
    """Open the stage, once."""
    stage = await open_stage(
        tx,
        ref,
        length=term.length if term else None,
        unit=term.unit.value if term else "working_days",
        waits_for=waits_for,
    )
    if await tx.session.get(StageProgress, ref.stage_id) is None:
        tx.session.add(StageProgress(stage_id=ref.stage_id, category_id=ref.category_id))
    return stage


async def held_stage(tx: Tx, stage_id: UUID) -> tuple[Stage, StageProgress]:
    """The stage and how far it has come, for a step of its workflow: until the transaction ends nobody acts in the
    stage, the same step does not run a second time, and no case of the stage is struck."""
    stage = await stage_row(tx, stage_id, update=True)
    await tx.lock("decisions", stage_id)
    return stage, await progress_of(tx, stage_id)


async def receive(tx: Tx, stage_id: UUID, manifest: Manifest, received: Sequence[Received]) -> Stage:
    """Keep what the manifest handed over; cases that fell meanwhile are struck at once."""
    await hold_amendments(tx, manifest.category_id)
    stage, progress = await held_stage(tx, stage_id)
    if progress.received_at is not None:
        return stage
    await keep_manifest(tx, manifest, stage.manifest_in_digest or "")
    fallen = await fallen_before(tx, [one.entry.case_id for one in received])
    await keep_cases(tx, [_copy(stage, manifest.source, one, fallen) for one in received])
    progress.received_at, progress.cases = tx.now, len(received)
    tx.session.add(progress)
    await tx.audit("manifest.received", **stage_place(stage), digest=stage.manifest_in_digest, cases=len(received))
    return stage


def _copy(stage: Stage, source: str, one: Received, fallen: Mapping[UUID, str]) -> CaseCopy:
    entry = one.entry
    return CaseCopy(
        stage_id=stage.stage_id,
        case_id=entry.case_id,
        category_id=stage.category_id,
        number=entry.number,
        variant=entry.variant,
        subject=entry.subject.model_dump(mode="json"),
        source=source,
        dossier_digest=entry.dossier_digest,
        dossier=one.dossier,
        application_digest=one.application_digest,
        application=one.application,
        struck=fallen.get(entry.case_id),
    )


async def strike(tx: Tx, stage: Stage, fallen: Mapping[UUID, str | None]) -> None:
    """Strike cases of a stage (or bring them back with None); ranks close up, scores and populations stay.

    A case that is struck already keeps its cause.
    """
    await tx.lock("decisions", stage.stage_id)
    changed = [copy for copy in await cases_of(tx, stage.stage_id) if _changes(copy, fallen)]
    for copy in changed:
        copy.struck = fallen[copy.case_id]
        tx.session.add(copy)
        await tx.audit("case.struck", **stage_place(stage), case_id=copy.case_id, kind=copy.struck)
    entries, causes = await entries_of(tx, stage.stage_id), {copy.case_id: copy.struck for copy in changed}
    for entry in entries:
        entry.struck = causes.get(entry.case_id, entry.struck)
    if changed and entries:
        await close_up(tx, stage, entries)


def _changes(copy: CaseCopy, fallen: Mapping[UUID, str | None]) -> bool:
    return copy.case_id in fallen and (copy.struck is None) != (fallen[copy.case_id] is None)


async def close_up(tx: Tx, stage: Stage, entries: Sequence[RankedEntry]) -> None:
    """Give every entry that stands its rank among those that stand."""
    standing = [standing_of(one) for one in entries if not one.vetoed and one.struck is None]
    ranks = {one.case_id: one for one in rank(standing)}
    for entry in entries:
        found = ranks.get(entry.case_id)
        entry.rank, entry.place, entry.tied = (found.rank, found.place, found.tied) if found else (None, None, False)
        tx.session.add(entry)
    await tx.audit("ranking.computed", **stage_place(stage), ranked=len(ranked_of(entries)), of=len(entries))


async def bind_gate(tx: Tx, stage_id: UUID, answer: StandingAnswer) -> None:
    """Bind the stage to the owner's answer; what no longer stands is struck, in the decision's ranking as well.

    The decision's first, as when an amendment comes: stages are struck in the order in which they opened.
    """
    stage = await stage_row(tx, stage_id, share=True)
    await bind_standing(tx, answer, stage)
    fallen = dict.fromkeys(answer.fallen, "fallen")
    if stage.kind == "consultation":
        await strike(tx, await decision_stage(tx, stage.category_id), fallen)
    await strike(tx, stage, fallen)


async def freeze(tx: Tx, stage: Stage, entries: Sequence[ManifestEntry]) -> None:
    """Freeze what the stage hands over and lay its bundle parts down; the S3 objects follow after the commit."""
    progress = await progress_of(tx, stage.stage_id)
    manifest_id, digest, cases = await freeze_manifest(tx, stage, entries)
    progress.frozen_manifest, progress.frozen_digest, progress.frozen_cases = manifest_id, digest, cases
    progress.frozen_dossiers = [*(entry.dossier_digest for entry in entries), digest]
    tx.session.add(progress)
    await tx.session.flush()
    await deposit_stage(tx, stage)


async def finish(tx: Tx, stage_id: UUID, *, final: bool) -> None:
    """Close the stage with the manifest it froze; a final list is stated first."""
    stage, progress = await stage_row(tx, stage_id, update=True), await progress_of(tx, stage_id)
    if stage.closed_at is not None:
        return
    if progress.frozen_manifest is None or progress.frozen_digest is None:
        raise Refusal("not_frozen", "移交清单尚未冻结。")
    if final:
        await tx.emit(
            ListFixed(
                cycle_id=stage.cycle_id,
                category_id=stage.category_id,
                stage_id=stage_id,
                supplement=stage.supplement,
                manifest_id=progress.frozen_manifest,
                manifest_digest=progress.frozen_digest,
                entries=progress.frozen_cases,
            )
        )
    await close_stage(tx, stage, manifest=(progress.frozen_manifest, progress.frozen_digest, progress.frozen_cases))


async def refuse_when_completed(tx: Tx, stage_id: UUID) -> StageProgress:
    """The stage's progress, refused once what it decides has been confirmed."""
    progress = await progress_of(tx, stage_id)
    if progress.completed_at is not None:
        raise Conflict("already_completed", "本阶段的结果已经确认，不能再改。")
    return progress


async def now_wait_for(tx: Tx, stage_id: UUID, whom: str | None) -> None:
    """Say whom the stage waits for."""
    await wait_for(tx, await stage_row(tx, stage_id, update=True), whom)


async def deciding_stage(tx: Tx, stage_id: UUID) -> tuple[Stage, StageProgress]:
    """The stage in which the committee decides a list, held for one act at a time until it is confirmed."""
    stage = await stage_for_act(tx, stage_id)
    await tx.lock("decisions", stage_id)
    progress = await refuse_when_completed(tx, stage_id)
    if stage.kind != "decision" or rules_of(stage).recommends:
        raise Refusal("no_shortlist", "本阶段不由指导委员会确定名单。")
    if progress.ranked_at is None:
        raise Refusal("not_ranked", "排序尚未完成，请稍候再办。")
    return stage, progress
