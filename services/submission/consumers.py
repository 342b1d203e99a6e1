"""What submission takes in: cycles, and the course of every stage for 'where is my case'."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.submission import store
from services.submission.actions.enterprises import EnterpriseEntry, register_enterprise
from services.submission.actions.lists import keep_seat, list_released, tell_of_notice
from services.submission.actions.stages import end_category
from services.submission.tables import Cycle, Enterprise, StageCopy
from shared.contracts.dossiers import StaffList
from shared.contracts.facts import (
    CategoryReleased,
    CycleOpened,
    EnterpriseRegistered,
    SeatFilled,
    StaffChanged,
    StageChanged,
    StageClosed,
    StageOpened,
)
from shared.infra.database import Tx
from shared.infra.messaging import Interests
from shared.infra.service import Service
from shared.kernel.stages import StageState, over_at


def consumers(service: Service) -> Interests:
    """The facts that matter here."""
    interests = Interests(service.name)

    @interests.on("cycles", CycleOpened, source="office")
    async def cycle_opened(tx: Tx, fact: CycleOpened) -> None:
        values = {
            "cycle_id": fact.cycle_id,
            "rulebook_id": fact.rulebook_id,
            "rulebook_digest": fact.rulebook_digest,
            "year": fact.year,
        }
        await tx.session.execute(insert(Cycle).values(**values).on_conflict_do_nothing(index_elements=["cycle_id"]))

    @interests.on("enterprises", EnterpriseRegistered, source="office")
    async def enterprise_registered(tx: Tx, fact: EnterpriseRegistered) -> None:
        if await tx.session.get(Enterprise, fact.enterprise_id) is None:  # what the office entered before stands
            entry = EnterpriseEntry(fact.name, fact.credit_code, fact.industry, fact.district, fact.ownership)
            await register_enterprise(tx, entry)

    @interests.on("staff", StaffChanged, source="office")
    async def staff_listed(tx: Tx, fact: StaffChanged) -> None:
        content = await service.files.get_dossier("office", fact.digest)
        await store.replace_colleagues(tx, StaffList.model_validate_json(content))

    @interests.on("stages", StageOpened)
    async def stage_opened(tx: Tx, fact: StageOpened) -> None:
        await _copy(
            tx,
            fact,
            StageState.OPEN,
            fact.closes_at,
            fact.provisional,
            opens_at=fact.opens_at,
            supplement=fact.supplement,
        )

    @interests.on("stages", StageChanged)
    async def stage_changed(tx: Tx, fact: StageChanged) -> None:
        await _copy(tx, fact, fact.state, fact.closes_at, fact.provisional)

    @interests.on("stages", StageClosed)
    async def stage_closed(tx: Tx, fact: StageClosed) -> None:
        copy = await tx.session.get(StageCopy, fact.stage_id)
        ends = over_at(fact.kind, copy.closes_at if copy else None, fact.closed_at)
        await _copy(tx, fact, fact.state, ends, False)
        if fact.state == StageState.CANCELLED and fact.category_id is not None:
            await end_category(tx, fact.category_id)

    interests.on("releases", CategoryReleased, source="publication")(category_released)
    interests.on("seats", SeatFilled, source="ranking")(seat_filled)
    return interests


async def category_released(tx: Tx, fact: CategoryReleased) -> None:
    """The list of a category is out, or later a seat of it."""
    if fact.category_id is not None:
        await list_released(tx, fact.category_id, fact.supplement)


async def seat_filled(tx: Tx, fact: SeatFilled) -> None:
    """A case fills a seat; nobody is told before its notice is public."""
    if fact.case_id is not None and fact.category_id is not None:
        await keep_seat(tx, fact.case_id, fact.category_id, fact.supplement)


async def _copy(
    tx: Tx,
    fact: StageOpened | StageChanged | StageClosed,
    state: str,
    closes_at: datetime | None,
    provisional: bool,
    *,
    opens_at: datetime | None = None,
    supplement: int | None = None,
) -> None:
    """Keep the newest state of a stage and tell what is public of it; an older fact that comes late only adds when the
    stage began, and of which list it is."""
    if fact.category_id is None:
        return
    category_id: UUID = fact.category_id
    values = {
        "stage_id": fact.stage_id,
        "category_id": category_id,
        "source": fact.source,
        "kind": fact.kind,
        "state": state,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "provisional": provisional,
        "version": fact.version,
        "supplement": supplement or 0,
    }
    newer = {name: values[name] for name in ("state", "closes_at", "provisional", "version")}
    statement = insert(StageCopy).values(**values)
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["stage_id"], set_=newer, where=col(StageCopy.version) < fact.version
        )
    )
    copy = await tx.session.get_one(StageCopy, fact.stage_id, populate_existing=True)
    if copy.opens_at is None and opens_at is not None:
        copy.opens_at, copy.supplement = opens_at, supplement or 0
    await tell_of_notice(tx, copy)
