"""Temporal activities of review: thin calls of actions, each in a transaction of its own."""

from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import activity

from services.review import store
from services.review.actions import custody, drawing, handover, ordering, scoring, seats, unsealing
from services.review.actions.drawing.outcome import beacon_round
from services.review.actions.drawing.taking_part import in_ledger
from services.review.actions.keys import custody_ready
from services.review.attesting import ServiceAttestor
from services.review.beacons import BeaconSilent, installed
from services.review.domain.ordering import OrderingView, next_ordering_step
from services.review.domain.panel import MemberKind, MemberState, Next, PanelState, PanelView, next_step
from services.review.domain.parties import Phase, absent
from services.review.inputs import Bound
from services.review.rulebooks import ordering_rules
from services.review.tables import Panel
from shared.contracts.dossiers import ApplicationDossier
from shared.contracts.workflows import StageRef, Todo
from shared.infra.database import Tx
from shared.infra.manifests import DossierMissing, fetch_dossiers, fetch_manifest, standing_at
from shared.infra.service import Service
from shared.infra.stages import mark_stuck, seconds_until, stage_row, term_is_over, wait_for
from shared.infra.tables import Stage
from shared.infra.telemetry import current_trace
from shared.kernel.stages import StageState

STUCK = "本阶段有一步被拒绝，请运行人员查看。"
SOON = 0.2


class ReviewActivities:
    """The steps of ``PanelReview`` and ``EventOrdering``; each finds its work done when it runs a second time."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.beacons = installed(service.settings.beacon_dir)
        self.attestor = ServiceAttestor(service.secret)

    async def _do(self, work: Callable[[Tx], Awaitable[None]]) -> None:
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            await work(tx)

    @activity.defn(name="review.load_panel")
    async def load_panel(self, ref: StageRef) -> Todo:
        """What comes next, or how long to wait; says whom the panel waits for."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            stage = await tx.session.get(Stage, ref.stage_id)
            if stage is None:
                return Todo(step="begin")
            return await wait_or_do(tx, stage, next_step(await view_of(tx, stage)))

    @activity.defn(name="review.load_ordering")
    async def load_ordering(self, ref: StageRef) -> Todo:
        """What comes next in an ordering of events."""
        async with self.service.database.transaction(trace=current_trace.get()) as tx:
            stage = await tx.session.get(Stage, ref.stage_id)
            if stage is None:
                return Todo(step="begin")
            view = await ordering_view_of(tx, stage)
            return await wait_or_do(tx, stage, next_ordering_step(view))

    @activity.defn(name="review.stuck")
    async def stuck(self, ref: StageRef) -> None:
        """Show operators that a step was refused."""
        await self._do(lambda tx: mark_stuck(tx, ref.stage_id, STUCK))

    @activity.defn(name="review.begin")
    async def begin(self, ref: StageRef) -> None:
        """Open the stage."""
        await self._do(lambda tx: handover.begin(tx, ref))

    @activity.defn(name="review.receive")
    async def receive(self, ref: StageRef) -> None:
        """Take the manifest over; waits, naming them, while dossiers are missing."""
        source, digest = ref.manifest_source or "submission", ref.manifest_digest
        if digest is None:
            raise DossierMissing("the stage was given no manifest")
        try:
            if not await self.service.files.has_dossier(source, digest):
                raise DossierMissing(digest)
            manifest = await fetch_manifest(self.service.files, source, digest)
            digests = [entry.dossier_digest for entry in manifest.entries]
            dossiers = await fetch_dossiers(self.service.files, source, ApplicationDossier, digests)
        except DossierMissing:
            await self._do(lambda tx: _waits_for_dossiers(tx, ref))
            raise
        await self._do(lambda tx: handover.take_over(tx, ref, manifest, dossiers))

    @activity.defn(name="review.bind_gate")
    async def bind_gate(self, bound: Bound) -> None:
        """Bind the stage to the owner's answer."""
        await self._do(lambda tx: handover.bind_gate(tx, bound.stage, bound.answer))

    @activity.defn(name="review.call_parties")
    async def call_parties(self, ref: StageRef) -> None:
        """Let the parties of the draw answer."""
        await self._do(lambda tx: drawing.call_parties(tx, ref))

    @activity.defn(name="review.void_silent")
    async def void_silent(self, ref: StageRef) -> None:
        """End an attempt in which a party was silent."""
        await self._do(lambda tx: drawing.void_silent(tx, ref))

    @activity.defn(name="review.draw")
    async def draw(self, ref: StageRef) -> None:
        """Draw from list, secrets and beacon; tried again until the beacon's round is out."""
        async with self.service.database.transaction() as tx:
            named = await beacon_round(tx, ref.stage_id)
        value = await self.beacons[named[0]].value(named[1]) if named else None
        if named and value is None:
            raise BeaconSilent(f"{named[0]} {named[1]}")
        await self._do(lambda tx: drawing.draw(tx, ref, value))

    @activity.defn(name="review.lapse")
    async def lapse(self, ref: StageRef) -> None:
        """Let go who did not answer in time."""
        await self._do(lambda tx: seats.lapse(tx, ref))

    @activity.defn(name="review.start_scoring")
    async def start_scoring(self, ref: StageRef) -> None:
        """Open the scoring term."""
        await self._do(lambda tx: seats.start_scoring(tx, self.attestor, ref))

    @activity.defn(name="review.seal")
    async def seal(self, ref: StageRef) -> None:
        """End the scoring."""
        await self._do(lambda tx: scoring.seal(tx, ref))

    @activity.defn(name="review.settle")
    async def settle(self, ref: StageRef) -> None:
        """Score and freeze."""
        await self._do(lambda tx: unsealing.settle(tx, ref))

    @activity.defn(name="review.start_ordering")
    async def start_ordering(self, ref: StageRef) -> None:
        """Open the term for the order sheets."""
        await self._do(lambda tx: ordering.start(tx, self.attestor, ref))

    @activity.defn(name="review.seal_orders")
    async def seal_orders(self, ref: StageRef) -> None:
        """End the ordering."""
        await self._do(lambda tx: ordering.seal(tx, ref))

    @activity.defn(name="review.settle_order")
    async def settle_order(self, ref: StageRef) -> None:
        """Add the places and freeze."""
        await self._do(lambda tx: ordering.settle(tx, ref))

    @activity.defn(name="review.close")
    async def close(self, ref: StageRef) -> None:
        """Hand on."""
        await self._do(lambda tx: unsealing.close(tx, ref))


async def _waits_for_dossiers(tx: Tx, ref: StageRef) -> None:
    await wait_for(tx, await stage_row(tx, ref.stage_id, update=True), "dossiers")


async def wait_or_do(tx: Tx, stage: Stage, following: Next) -> Todo:
    """The step as the workflow reads it; a wait says for whom and for how long; a paused stage only waits.

    An opened share whose ten minutes are over is forgotten on the way.
    """
    if StageState(stage.state) is not StageState.OPEN:
        return Todo(step="wait" if StageState(stage.state) is StageState.PAUSED else "done")
    if following.step != "wait":
        return Todo(step=following.step)
    if stage.waits_for != following.whom or stage.stuck is not None:
        await wait_for(tx, await stage_row(tx, stage.stage_id, update=True), following.whom)
    if following.soon:
        return Todo(step="wait", wait_seconds=SOON)
    if (waits := await custody.seconds_share_waits(tx, stage.stage_id)) is not None:
        return Todo(step="wait", wait_seconds=waits)
    return Todo(step="wait", wait_seconds=seconds_until(stage.closes_at, tx.now) if following.until_term else None)


async def view_of(tx: Tx, stage: Stage) -> PanelView:
    """Everything that decides what comes next."""
    panel = await store.panel(tx, stage.stage_id)
    members = await store.members(tx, stage.stage_id)
    missing = await seats.what_is_missing(tx, stage)
    manifest = stage.manifest_in
    return PanelView(
        **await _draw_view(tx, panel),
        state=PanelState(panel.state),
        standing_cases=len(await store.standing_cases(tx, stage.stage_id)),
        draw_confirmed=manifest is not None and await standing_at(tx, manifest, "draw") is not None,
        pending=sum(one.state == MemberState.CALLED and one.kind != MemberKind.APPOINTED for one in members),
        unsigned=await scoring.still_expected(tx, stage),
        short=missing.anything,
        term_over=term_is_over(stage, tx.now),
        unsealing_confirmed=manifest is not None and await standing_at(tx, manifest, "unsealing") is not None,
        custody_ready=await custody_ready(tx, panel),
        stored=await unsealing.all_stored(tx, panel),
    )


async def _draw_view(tx: Tx, panel: Panel) -> dict[str, Any]:
    """Where the running draw stands: its phase, who has to answer next, whether the ledger has caught up."""
    if panel.state != PanelState.FROZEN:
        return {}
    attempt = await store.current_attempt(tx, panel)
    waiting = absent(Phase(attempt.phase), [store.stand(row) for row in await store.parties(tx, attempt)])
    return {
        "phase": Phase(attempt.phase),
        "party": waiting[0] if waiting else None,
        "in_ledger": await in_ledger(tx, attempt),
    }


async def ordering_view_of(tx: Tx, stage: Stage) -> OrderingView:
    """Everything that decides what comes next in an ordering of events."""
    panel = await store.panel(tx, stage.stage_id)
    waiting, _ = await ordering.orderers(tx, stage.stage_id)
    manifest = stage.manifest_in
    unsealed = panel.state == PanelState.UNSEALED
    return OrderingView(
        state=PanelState(panel.state),
        standing_cases=len(await store.standing_cases(tx, stage.stage_id)),
        quorum=ordering_rules(stage).quorum,
        ready=len(waiting),
        handed_in=len(await unsealing.counted(tx, stage)),
        expected=len(waiting),
        term_over=term_is_over(stage, tx.now),
        unsealing_confirmed=manifest is not None and await standing_at(tx, manifest, "unsealing") is not None,
        custody_ready=await custody_ready(tx, panel),
        ties_open=unsealed and await ordering.ties_open(tx, stage),
        stored=await unsealing.all_stored(tx, panel),
    )
