"""Unsealing by two custodians, the exact means, and what is handed on."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.review import store
from services.review.actions.correcting import open_corrections
from services.review.actions.custody import (
    damaged_share,
    forget_share,
    let_share_wait,
    open_own_share,
    share_is_stale,
    waiting_share,
)
from services.review.actions.findings import applied, open_findings
from services.review.actions.keys import key_for_signing
from services.review.actions.parts import deposit
from services.review.actions.seats import is_ordering, require_running
from services.review.actions.signing import ORDER, SHEET, place_of
from services.review.custody import WrongShare, open_with, rebuild_key
from services.review.domain.findings import NOTHING, Applied
from services.review.domain.panel import COUNTED, MAY_FOLLOW, PanelState, moved, require_state
from services.review.domain.sheets import Reviewed, SheetContent, population, review_case
from services.review.rulebooks import category_of
from services.review.sealing import Sealer
from services.review.tables import CaseCopy, OpenedSheet, Panel, PanelKey, Result, Sheet
from shared.contracts.dossiers import ApplicationDossier, ManifestEntry, ReviewDossier
from shared.contracts.facts import PanelUnsealed
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef
from shared.infra.database import Tx
from shared.infra.manifests import freeze_manifest, standing_at, unstored_dossiers
from shared.infra.stages import close_stage, stage_place, stage_row
from shared.infra.tables import Stage
from shared.infra.tickets import Ticket, require_fresh, use_ticket
from shared.kernel.canonical import digest, digest_bytes, plain_decimal
from shared.kernel.refusals import Conflict, NotAllowed

UNSEAL_ACT = "panel.unseal"


async def unseal_question(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What two persons agree to before the unsealing: which sheets, on which standing of the cases."""
    panel = await store.panel(tx, stage_id)
    require_state(PanelState(panel.state), PanelState.SEALED)
    stage = await stage_row(tx, stage_id)
    waiting = await store.opened_share(tx, stage_id)
    return {
        "act": UNSEAL_ACT,
        "digest": await _unseal_digest(tx, stage),
        "sheets": len(await counted(tx, stage)),
        "opened": waiting.number if waiting and not share_is_stale(tx, waiting) else None,
    }


async def _unseal_digest(tx: Tx, stage: Stage) -> str:
    bound = await standing_at(tx, stage.manifest_in, "unsealing") if stage.manifest_in else None
    if bound is None:
        raise Conflict("standing_unknown", "参评对象的现状尚未确认，请稍候再拆封。")
    await _require_nothing_open(tx, stage.stage_id)
    sheets = sorted(sheet.digest for sheet in await counted(tx, stage))
    key = await key_for_signing(tx, stage.stage_id)
    return digest(
        {"act": UNSEAL_ACT, "stage": stage.stage_id, "standing": bound.digest, "key": key.digest, "sheets": sheets}
    )


async def _require_nothing_open(tx: Tx, stage_id: UUID) -> None:
    if waiting := len(await open_corrections(tx, stage_id)):
        raise Conflict("corrections_open", f"有{waiting}份更正等待办公室会签，会签后再拆封。")
    if waiting := len(await open_findings(tx, stage_id)):
        raise Conflict("findings_open", f"有{waiting}项零分或否决情形尚未裁定并确认，裁定后再拆封。")


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


async def unseal(tx: Tx, sealer: Sealer, stage_id: UUID, passphrase: str, ticket: Ticket | None) -> dict[str, Any]:
    """Give one's share. The first waits; the second of the two who agreed breaks the seal, once.

    The private key is put together in memory, every counted sheet opened, checked against the digest on its receipt
    and kept open, and the key forgotten: one transaction. Killed before its end, nothing happened and the custodians
    go on; killed after it, the means follow from what is kept.
    """
    require_fresh(tx)
    stage = await require_running(tx, stage_id)
    panel = await store.panel(tx, stage_id, update=True)
    require_state(PanelState(panel.state), PanelState.SEALED)
    question = await _unseal_digest(tx, stage)
    key = await key_for_signing(tx, stage_id)
    share, opened = await open_own_share(tx, key, passphrase)
    first = await waiting_share(tx, sealer, stage_id, question)
    if first is None or first[0] == share.number:
        return await let_share_wait(tx, sealer, stage, share, opened, question)
    used = await use_ticket(tx, ticket, UNSEAL_ACT, question)
    if {used.asked_by, used.confirmed_by} != {first[1], share.account_id}:
        raise NotAllowed("复核单须由给出密钥份额的两位保管人申请和确认。", "not_the_custodians")
    sheets = await _open_all(tx, stage, key, {first[0]: first[2], share.number: opened})
    await forget_share(tx, stage_id)
    return await _unsealed(tx, stage, panel, question, sheets, [first[0], share.number])


async def _open_all(tx: Tx, stage: Stage, key: PanelKey, shares: Mapping[int, bytes]) -> int:
    """Open the counted sheets with the key made of two shares; returns how many they are."""
    sheets = await counted(tx, stage)
    kind = ORDER if is_ordering(stage) else SHEET
    try:
        rows = await to_thread(_opened_rows, key, shares, kind, sheets)
    except WrongShare as trouble:
        raise damaged_share() from trouble
    await store.keep_opened(tx, rows)
    return len(rows)


def _opened_rows(key: PanelKey, shares: Mapping[int, bytes], kind: str, sheets: Sequence[Sheet]) -> list[OpenedSheet]:
    private = rebuild_key(shares, key.public_key, key.stage_id, key.generation)
    rows = []
    for sheet in sheets:
        place = place_of(kind, sheet.stage_id, sheet.case_id, sheet.expert_id, sheet.version)
        try:
            content = open_with(private, sheet.sealed, *place)
        except WrongShare as trouble:
            raise _damaged(sheet) from trouble
        if digest_bytes(content) != sheet.digest:
            raise _damaged(sheet)
        where = {"stage_id": sheet.stage_id, "case_id": sheet.case_id, "expert_id": sheet.expert_id}
        rows.append(OpenedSheet(**where, digest=sheet.digest, content=content))
    return rows


def _damaged(sheet: Sheet) -> Conflict:
    message = f"摘要为 {sheet.digest[:12]}… 的计分表与签署时的内容不符，没有拆封任何一份。请运行人员查明后再拆封。"
    return Conflict("sheet_damaged", message)


async def _unsealed(
    tx: Tx, stage: Stage, panel: Panel, question: str, sheets: int, numbers: Sequence[int]
) -> dict[str, Any]:
    panel.state, panel.unsealed_at = moved(PanelState.SEALED, PanelState.UNSEALED), tx.now
    tx.session.add(panel)
    await tx.audit("panel.unsealed", **stage_place(stage), public=question, sheets=sheets, shares=sorted(numbers))
    await tx.emit(
        PanelUnsealed(cycle_id=stage.cycle_id, category_id=stage.category_id, stage_id=stage.stage_id, sheets=sheets)
    )
    await tx.nudge(stage_workflow_id(stage.stage_id))
    return {"stage_id": stage.stage_id, "unsealed": True, "sheets": sheets, "unsealed_at": tx.now}


async def settle(tx: Tx, ref: StageRef) -> None:
    """Score the opened sheets, take exact means, freeze the manifest of the standing cases."""
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state == PanelState.SETTLED:
        return
    everything = await store.cases(tx, ref.stage_id)
    opened = [SheetContent.model_validate_json(sheet.content) for sheet in await store.opened_sheets(tx, ref.stage_id)]
    signed = {sheet.digest: sheet.signed_at for sheet in await store.sheets(tx, ref.stage_id)}
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
    ruled = await applied(tx, stage.stage_id)
    entries = []
    for case in everything:
        sheets = [sheet for sheet in opened if sheet.case == case.case_id]
        if case.standing == "standing" and among is not None:
            held = ruled.get(case.case_id, NOTHING)
            reviewed = review_case(category, as_dossier(case), among, sheets, held)
            entries.append(await _keep_result(tx, case, reviewed, held, signed))
    return entries


def as_dossier(case: CaseCopy) -> ApplicationDossier:
    """The case as it was handed over."""
    return ApplicationDossier.model_validate(case.dossier)


async def _keep_result(
    tx: Tx, case: CaseCopy, reviewed: Reviewed, ruled: Applied, signed: Mapping[str, datetime]
) -> ManifestEntry:
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
        ruled=ruled.ruled,
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
    attestations = {sheet.digest: sheet.attestation for sheet in await store.sheets(tx, stage.stage_id)}
    key = await store.panel_key(tx, stage.stage_id)
    part = {
        "stage": stage.stage_id,
        "panel_key": key.digest if key else None,
        "rulebook": stage.rulebook_digest,
        "category": stage.category_key,
        "groups": _groups(stage),
        "trimmed": category_of(stage).trimmed,
        "population": [
            {"case": case.case_id, "number": case.number, "dossier": case.dossier_digest, "standing": case.standing}
            for case in everything
            if case.standing != "dropped"
        ],
        "sheets": [
            {"digest": sheet.digest, "content": sheet, "attestation": attestations[sheet.digest]} for sheet in opened
        ],
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
