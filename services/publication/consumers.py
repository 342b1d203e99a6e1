"""What publication takes in from the others; each handler works in the transaction of its inbox row."""

from services.publication import store
from services.publication.actions import publicity
from services.publication.actions.release import publishing
from services.publication.actions.release.rounds import look_at_release
from services.publication.actions.sites import want_category, want_fixed_pages
from shared.contracts.facts import (
    CaseAmended,
    CategoryOpened,
    CycleOpened,
    LedgerAppended,
    ListFixed,
    PartDeposited,
    ReleaseDated,
    SeatFilled,
    StageChanged,
    StageClosed,
    StageOpened,
)
from shared.infra.database import Tx
from shared.infra.manifests import note_amendment
from shared.infra.messaging import Interests
from shared.infra.service import Service
from shared.kernel.refusals import Conflict


def consumers(_service: Service) -> Interests:
    """Everything this service listens to."""
    interests = Interests("publication")
    interests.on("cycles", CycleOpened, source="office")(cycle_opened)
    interests.on("cycles", CategoryOpened, source="office")(category_opened)
    interests.on("cycles", ReleaseDated, source="office")(release_dated)
    interests.on("stages", StageOpened)(stage_opened)
    interests.on("stages", StageChanged)(stage_changed)
    interests.on("stages", StageClosed)(stage_closed)
    interests.on("lists", ListFixed, source="ranking")(list_fixed)
    interests.on("lists", SeatFilled, source="ranking")(seat_filled)
    interests.on("amendments", CaseAmended, source="submission")(case_amended)
    interests.on("parts", PartDeposited)(part_deposited)
    interests.on("ledger", LedgerAppended, source="office")(ledger_appended)
    return interests


async def cycle_opened(tx: Tx, fact: CycleOpened) -> None:
    """A cycle was opened: keep its read copy."""
    await store.keep_cycle(tx, fact)
    await want_fixed_pages(tx)


async def category_opened(tx: Tx, fact: CategoryOpened) -> None:
    """A category was opened: keep its read copy."""
    await store.keep_category(tx, fact)
    await want_fixed_pages(tx)


async def release_dated(tx: Tx, fact: ReleaseDated) -> None:
    """The office dated the release."""
    await publishing.note_dated(tx, fact)


async def stage_opened(tx: Tx, fact: StageOpened) -> None:
    """A stage was opened somewhere."""
    await _seen(tx, fact, state="open", opens_at=fact.opens_at)


async def stage_changed(tx: Tx, fact: StageChanged) -> None:
    """A stage changed somewhere."""
    await _seen(tx, fact, state=fact.state)


async def stage_closed(tx: Tx, fact: StageClosed) -> None:
    """A stage ended; a cancelled category is waited for no longer."""
    if fact.state == "cancelled" and fact.cycle_id is not None:
        await look_at_release(tx, fact.cycle_id)
    await _seen(tx, fact, state=fact.state, closed_at=fact.closed_at)


async def list_fixed(tx: Tx, fact: ListFixed) -> None:
    """Ranking fixed a list."""
    await publicity.note_fixed(tx, fact)
    if fact.cycle_id is not None:
        await look_at_release(tx, fact.cycle_id)


async def seat_filled(tx: Tx, fact: SeatFilled) -> None:
    """A seat was refilled: a supplement is on the way."""
    await publicity.note_filled(tx, fact)
    if fact.cycle_id is not None:
        await look_at_release(tx, fact.cycle_id)


async def case_amended(tx: Tx, fact: CaseAmended) -> None:
    """A case fell or was reinstated: strike it, or revoke it when it is released."""
    await _require_quiet(tx, fact)
    await note_amendment(tx, fact)
    for listing, _ in await publicity.note_amended(tx, fact):
        await tx.session.flush()
        await look_at_release(tx, listing.cycle_id)
    await publishing.revoke(tx, fact)


async def part_deposited(tx: Tx, fact: PartDeposited) -> None:
    """A part of a bundle lies ready."""
    row = fact.model_dump(include={"category_id", "source", "audience", "name", "digest"})
    await store.keep_part(tx, row)
    if fact.cycle_id is not None:
        await look_at_release(tx, fact.cycle_id)
    elif fact.category_id is not None:
        await look_at_release(tx, (await store.category(tx, fact.category_id)).cycle_id)


async def ledger_appended(tx: Tx, fact: LedgerAppended) -> None:
    """The ledger took in our entries: a prepared list may ask for its parts."""
    if fact.of_service == tx.service:
        await store.keep_ledger_mark(tx, fact.source_number)
        for cycle in await store.cycles(tx):
            now = await store.open_round(tx, cycle.cycle_id)
            if now is not None and now.prepared_digest is not None and now.wanted_at is None:
                await look_at_release(tx, cycle.cycle_id)


async def _require_quiet(tx: Tx, fact: CaseAmended) -> None:
    """An amendment that meets a list between confirmation and publication comes again a moment later."""
    if fact.cycle_id is not None:
        await tx.lock("release", fact.cycle_id)
        now = await store.open_round(tx, fact.cycle_id)
        if now is not None and now.confirmed_at is not None:
            raise Conflict("publishing", "名单正在发布，请稍后再办理。")


async def _seen(tx: Tx, fact: StageOpened | StageChanged | StageClosed, **known: object) -> None:
    """Keep how a stage stands; fields that the fact does not carry keep their last value."""
    row = {
        "stage_id": fact.stage_id,
        "source": fact.source,
        "kind": fact.kind,
        "category_id": fact.category_id,
        "version": fact.version,
        **known,
    }
    if not isinstance(fact, StageClosed):
        row |= {"closes_at": fact.closes_at, "provisional": fact.provisional}
    if await store.keep_stage_seen(tx, row) and fact.category_id is not None:
        await want_category(tx, fact.category_id)
