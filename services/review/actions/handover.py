"""What a stage of review takes over: cases with their dossiers, the owner's answers at gates, amendments."""

from collections.abc import Sequence

from services.review import store
from services.review.actions.findings import take_over_findings
from services.review.actions.notices import notify_missing_custodians
from services.review.actions.seats import is_ordering
from services.review.actions.ties import let_go_if_tied
from services.review.domain.panel import PanelState, moved
from services.review.domain.sheets import neutral_numbers
from services.review.tables import CaseCopy, Panel
from shared.contracts.dossiers import ApplicationDossier, Manifest
from shared.contracts.facts import CaseAmended
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef, StandingAnswer
from shared.infra.database import Tx
from shared.infra.manifests import bind_standing, hold_amendments, keep_manifest, note_amendment
from shared.infra.stages import open_stage, stage_place, stage_row, wait_for
from shared.kernel.stages import RUNNING, StageState

_STRIKING = frozenset({"withdrawn", "disqualified"})


async def begin(tx: Tx, ref: StageRef) -> None:
    """Open the stage without a term, and its panel."""
    stage = await open_stage(tx, ref)
    if await tx.session.get(Panel, ref.stage_id) is None:
        state = PanelState.RECEIVING
        tx.session.add(Panel(stage_id=ref.stage_id, category_id=stage.category_id, state=state))


async def take_over(tx: Tx, ref: StageRef, manifest: Manifest, dossiers: Sequence[ApplicationDossier]) -> None:
    """Keep the cases of the manifest the stage works on, less those that fell meanwhile."""
    await hold_amendments(tx, ref.category_id)
    stage = await stage_row(tx, ref.stage_id, update=True)
    panel = await store.panel(tx, ref.stage_id, update=True)
    if panel.state != PanelState.RECEIVING:
        return
    await keep_manifest(tx, manifest, ref.manifest_digest or "")
    ids = [entry.case_id for entry in manifest.entries]
    await store.keep_cases(tx, manifest, ref.stage_id, dossiers, neutral_numbers(ref.stage_id, ids))
    panel.state = moved(PanelState(panel.state), PanelState.POOLING)
    tx.session.add(panel)
    for case in await store.cases(tx, ref.stage_id):
        for amendment in await store.amendments_of(tx, [case.case_id]):
            await _amend(tx, panel, case, amendment.kind)
    await take_over_findings(tx, stage, await store.cases(tx, ref.stage_id))
    await wait_for(tx, stage, None)
    if is_ordering(stage):
        await notify_missing_custodians(tx, stage, panel)
    await tx.audit("manifest.received", **stage_place(stage), public=ref.manifest_digest, cases=len(ids))


async def bind_gate(tx: Tx, ref: StageRef, answer: StandingAnswer) -> None:
    """Bind the stage to the owner's answer at a gate and let the fallen cases go."""
    panel = await store.panel(tx, ref.stage_id, update=True)
    await bind_standing(tx, answer, await stage_row(tx, ref.stage_id))
    for case in await store.cases(tx, ref.stage_id):
        if case.case_id in answer.fallen:
            await _fall(tx, panel, case)


async def amend(tx: Tx, fact: CaseAmended) -> None:
    """Take in what happened to a case after its manifest froze: dropped before the draw, struck after it."""
    await note_amendment(tx, fact)
    if fact.case_id is None:
        return
    for case in await store.case_copies(tx, fact.case_id):
        stage = await stage_row(tx, case.stage_id, update=True)
        if StageState(stage.state) in RUNNING:
            panel = await store.panel(tx, case.stage_id, update=True)
            await tx.session.refresh(case)
            await _amend(tx, panel, case, fact.kind)
            await tx.nudge(stage_workflow_id(case.stage_id))


async def _amend(tx: Tx, panel: Panel, case: CaseCopy, kind: str) -> None:
    if kind in _STRIKING:
        await _fall(tx, panel, case)
    elif kind == "reinstated" and PanelState(panel.state) not in (PanelState.UNSEALED, PanelState.SETTLED):
        await _stand(tx, panel, case)


async def _fall(tx: Tx, panel: Panel, case: CaseCopy) -> None:
    """Sheets and frozen populations stay; a case that fell after the unsealing is for the next stage to strike."""
    if case.standing != "standing" or PanelState(panel.state) in (PanelState.UNSEALED, PanelState.SETTLED):
        return
    case.standing = "dropped" if before_draw(panel) else "struck"
    await _keep(tx, panel, case, f"case.{case.standing}")


async def _stand(tx: Tx, panel: Panel, case: CaseCopy) -> None:
    """A case dropped before the draw is no member of the frozen population and cannot come back after it."""
    if case.standing == "standing" or (case.standing == "dropped" and not before_draw(panel)):
        return
    case.standing = "standing"
    await _keep(tx, panel, case, "case.reinstated")
    await tx.session.flush()
    await let_go_if_tied(tx, panel.stage_id)


def before_draw(panel: Panel) -> bool:
    """Whether no panel was drawn yet; a frozen list alone does not fix the cases."""
    return panel.drawn_at is None


async def _keep(tx: Tx, panel: Panel, case: CaseCopy, what: str) -> None:
    tx.session.add(case)
    await tx.audit(what, category_id=panel.category_id, case_id=case.case_id, stage_id=panel.stage_id)
