"""Unsealing by two persons, the exact means, and what is handed on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.parts import deposit
from services.review.actions.scoring import SHEET
from services.review.actions.seats import require_running
from services.review.domain.panel import COUNTED, MAY_FOLLOW, PanelState, moved, require_state
from services.review.domain.sheets import Reviewed, SheetContent, population, review_case
from services.review.rulebooks import category_of
from services.review.sealing import Sealer
from services.review.tables import CaseCopy, Panel, Result, Sheet
from shared.contracts.dossiers import ApplicationDossier, ManifestEntry, ReviewDossier
from shared.contracts.facts import PanelUnsealed
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.database import Tx
from shared.infra.manifests import freeze_manifest, standing_at, unstored_dossiers
from shared.infra.stages import close_stage, stage_place, stage_row
from shared.infra.tables import Stage
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.canonical import digest, digest_bytes, plain_decimal
from shared.kernel.refusals import Conflict

UNSEAL_ACT = "panel.unseal"


class DamagedSheet(Exception):
    """An opened sheet does not hash to the digest that was signed; nothing is counted until this is explained."""


async def unseal_question(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What two persons agree to before the unsealing: which sheets, on which standing of the cases."""
    panel = await store.panel(tx, stage_id)
    require_state(PanelState(panel.state), PanelState.SEALED)
    stage = await stage_row(tx, stage_id)
    return {"act": UNSEAL_ACT, "digest": await _unseal_digest(tx, stage), "sheets": len(await counted(tx, stage))}


async def _unseal_digest(tx: Tx, stage: Stage) -> str:
    bound = await standing_at(tx, stage.manifest_in, "unsealing") if stage.manifest_in else None
    if bound is None:
        raise Conflict("standing_unknown", "参评对象的现状尚未确认，请稍候再拆封。")
    sheets = sorted(sheet.digest for sheet in await counted(tx, stage))
    return digest({"act": UNSEAL_ACT, "stage": stage.stage_id, "standing": bound.digest, "sheets": sheets})


async def counted(tx: Tx, stage: Stage) -> list[Sheet]:
    """The signed sheets that count: of standing cases, by members who were not recused."""
    stage_id = stage.stage_id
    progress = await store.progress(tx, stage_id)
    # An order sheet stands for all cases and is kept under the stage itself.
    standing = {stage_id, *(case.case_id for case in await store.standing_cases(tx, stage_id))}
    members = {member.expert_id for member in await store.members(tx, stage_id) if member.state in COUNTED}
    return [
        sheet
        for sheet in await store.sheets(tx, stage_id)
        if sheet.case_id in standing
        and sheet.expert_id in members
        and (sheet.case_id, sheet.expert_id) not in progress.recused
    ]


async def unseal(tx: Tx, stage_id: UUID, ticket: Ticket | None) -> dict[str, Any]:
    """Break the seal: office and the chair of the review committee together, once."""
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.SEALED)
    question = await _unseal_digest(tx, stage)
    await use_ticket(tx, ticket, UNSEAL_ACT, question)
    sheets = len(await counted(tx, stage))
    panel.state, panel.unsealed_at = moved(PanelState.SEALED, PanelState.UNSEALED), tx.now
    tx.session.add(panel)
    await tx.audit("panel.unsealed", **stage_place(stage), public=question, sheets=sheets)
    await tx.emit(
        PanelUnsealed(cycle_id=stage.cycle_id, category_id=stage.category_id, stage_id=stage_id, sheets=sheets)
    )
    await tx.nudge(stage_workflow_id(stage_id))
    return {"stage_id": stage_id, "sheets": sheets, "unsealed_at": tx.now}


async def settle(tx: Tx, sealer: Sealer, ref: StageRef) -> None:
    """Open and score the counted sheets, take exact means, freeze the manifest of the standing cases."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state == PanelState.SETTLED:
        return
    everything = await store.cases(tx, ref.stage_id)
    sheets = await counted(tx, stage)
    opened = [SheetContent.model_validate_json(open_sealed(sealer, sheet, SHEET)) for sheet in sheets]
    signed = {sheet.digest: sheet.signed_at for sheet in sheets}
    entries = await _results(tx, stage, everything, opened, signed)
    await _deposit_sheets(tx, stage, everything, opened)
    await freeze_results(tx, stage, panel, entries)


async def freeze_results(
    tx: Tx,
    stage: Stage,
    panel: Panel,
    entries: Sequence[ManifestEntry],
    may_follow: Mapping[PanelState, frozenset[PanelState]] = MAY_FOLLOW,
) -> None:
    """Freeze what the next stage works on; the stage closes once all dossiers lie in S3."""
    panel.settled_manifest, panel.settled_digest, panel.settled_cases = await freeze_manifest(tx, stage, entries)
    panel.state = moved(PanelState(panel.state), PanelState.SETTLED, may_follow)
    tx.session.add(panel)


def open_sealed(sealer: Sealer, sheet: Sheet, kind: str) -> bytes:
    """The bytes that were signed, checked against the digest on the receipt."""
    content = sealer.open(sheet.sealed, kind, sheet.stage_id, sheet.case_id, sheet.expert_id)
    if digest_bytes(content) != sheet.digest:
        raise DamagedSheet(f"{sheet.stage_id}/{sheet.case_id}/{sheet.expert_id}")
    return content


async def _results(
    tx: Tx,
    stage: Stage,
    everything: Sequence[CaseCopy],
    opened: Sequence[SheetContent],
    signed: Mapping[str, datetime],
) -> list[ManifestEntry]:
    category = category_of(stage)
    frozen = [as_dossier(case) for case in everything if case.standing != "dropped"]
    among = population(category, frozen) if opened else None
    entries = []
    for case in everything:
        sheets = [sheet for sheet in opened if sheet.case == case.case_id]
        if case.standing == "standing" and among is not None:
            reviewed = review_case(category, as_dossier(case), among, sheets)
            entries.append(await _keep_result(tx, case, reviewed, signed))
    return entries


def as_dossier(case: CaseCopy) -> ApplicationDossier:
    """The case as it was handed over."""
    return ApplicationDossier.model_validate(case.dossier)


async def _keep_result(tx: Tx, case: CaseCopy, reviewed: Reviewed, signed: Mapping[str, datetime]) -> ManifestEntry:
    handed_over = as_dossier(case)
    dossier = ReviewDossier(
        case_id=case.case_id,
        number=case.number,
        application_digest=case.dossier_digest,
        subject=handed_over.subject,
        variant=handed_over.variant,
        mean_numerator=reviewed.mean.numerator,
        mean_denominator=reviewed.mean.denominator,
        sheets=tuple(one.model_copy(update={"signed_at": signed[one.sheet_digest]}) for one in reviewed.sheets),
        vetoed=reviewed.vetoed,
        not_computable=reviewed.not_computable,
    )
    return await keep_dossier(tx, case, dossier)


async def keep_dossier(tx: Tx, case: CaseCopy, dossier: ReviewDossier) -> ManifestEntry:
    """Keep a case's result and its dossier; returns its line of the manifest."""
    found = await tx.put_dossier(dossier, "review")
    tx.session.add(
        Result(
            stage_id=case.stage_id,
            case_id=case.case_id,
            mean_numerator=str(dossier.mean_numerator),
            mean_denominator=str(dossier.mean_denominator),
            sheets=len(dossier.sheets),
            vetoed=dossier.vetoed,
            dossier_digest=found,
        )
    )
    return ManifestEntry(
        case_id=case.case_id,
        number=case.number,
        dossier_digest=found,
        subject=dossier.subject,
        variant=dossier.variant,
    )


def _groups(stage: Stage) -> list[dict[str, Any]]:
    """How the items of the scorecard make up a total, so that a reader without the rulebook can add them again."""
    card = category_of(stage).scorecard
    if card is None:
        return []
    return [
        {
            "id": group.id,
            "mode": group.mode,
            "points": plain_decimal(group.points),
            "items": [item.id for item in group.items],
        }
        for group in card.groups
    ]


async def _deposit_sheets(tx: Tx, stage: Stage, everything: Sequence[CaseCopy], opened: Sequence[SheetContent]) -> None:
    """For the auditor: every counted sheet as signed, and the population it was scored in."""
    part = {
        "stage": stage.stage_id,
        "rulebook": stage.rulebook_digest,
        "category": stage.category_key,
        "groups": _groups(stage),
        "population": [
            {"case": case.case_id, "number": case.number, "dossier": case.dossier_digest, "standing": case.standing}
            for case in everything
            if case.standing != "dropped"
        ],
        "sheets": [{"digest": sheet.digest, "content": sheet} for sheet in opened],
    }
    await deposit(tx, stage, await tx.put_dossier(part, "bundle-part"), "auditor", "sheets.json")


async def all_stored(tx: Tx, panel: Panel) -> bool:
    """Whether the manifest and all its dossiers lie in S3."""
    if panel.settled_digest is None:
        return False
    digests = [panel.settled_digest, *(result.dossier_digest for result in await store.results(tx, panel.stage_id))]
    return not await unstored_dossiers(tx, digests)


async def close(tx: Tx, ref: StageRef) -> None:
    """Hand the manifest on."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id)
    if panel.settled_manifest is None or panel.settled_digest is None:
        raise Conflict("not_settled", "审查结果尚未汇总，不能结束本阶段。")
    await close_stage(tx, stage, manifest=(panel.settled_manifest, panel.settled_digest, panel.settled_cases))
