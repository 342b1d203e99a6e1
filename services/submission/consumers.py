"""What submission takes in: cycles, and the course of every stage for 'where is my case'."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.submission import store
from services.submission.actions.enterprises import EnterpriseEntry, register_enterprise
from services.submission.actions.stages import end_category
from services.submission.tables import Cycle, Enterprise, StageCopy
from shared.contracts.dossiers import StaffList
from shared.contracts.facts import (
    CategoryReleased,
    CycleOpened,
    EnterpriseRegistered,
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
        await _copy(tx, fact, StageState.OPEN, fact.closes_at, fact.provisional, opens_at=fact.opens_at)

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
    return interests


async def category_released(tx: Tx, fact: CategoryReleased) -> None:
    """The list of a category is out; a supplement to it comes later and changes nothing of when that was."""
    if fact.category_id is not None and fact.supplement == 0:
        await store.keep_release(tx, fact.category_id)


async def _copy(
    tx: Tx,
    fact: StageOpened | StageChanged | StageClosed,
    state: str,
    closes_at: datetime | None,
    provisional: bool,
    *,
    opens_at: datetime | None = None,
) -> None:
    """Keep the newest state of a stage; an older fact that comes late only adds when the stage began."""
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
    }
    newer = {name: values[name] for name in ("state", "closes_at", "provisional", "version")}
    statement = insert(StageCopy).values(**values)
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["stage_id"], set_=newer, where=col(StageCopy.version) < fact.version
        )
    )
    if opens_at is not None:
        copy = await tx.session.get(StageCopy, fact.stage_id)
        if copy is not None and copy.opens_at is None:
            copy.opens_at = opens_at
            tx.session.add(copy)
