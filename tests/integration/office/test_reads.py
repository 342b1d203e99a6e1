"""The overview asks the database a fixed number of questions, however much runs."""

from uuid import UUID, uuid4

from sqlalchemy import event, update

from services.office.cycles.reads import read_cycle, read_cycles
from services.office.cycles.tables import StagePlan
from shared.infra.database import Actor, Database
from tests.integration.office.neighbours import Office
from tests.integration.servers import ServiceProcess


async def queries_of_overview(process: ServiceProcess) -> tuple[int, int]:
    """How many cycles the overview shows and how many statements that took."""
    database = Database(process.settings().database_url, "office")
    statements: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    try:
        async with database.transaction() as tx:
            return len(await read_cycles(tx)), len(statements)
    finally:
        await database.close()


async def test_the_overview_takes_as_many_queries_for_many_cycles_as_for_few(
    office: Office, process: ServiceProcess
) -> None:
    office.open_cycle("一", "little-giant-performance")
    few, first = await queries_of_overview(process)
    for title in ("二", "三"):
        office.open_cycle(title, "qingdao-economic-achievements")

    many, second = await queries_of_overview(process)

    assert (many, second) == (few + 2, first)


async def test_who_may_stand_aside_from_a_case_is_told_no_count_of_cases(
    office: Office, process: ServiceProcess
) -> None:
    opened = office.open_cycle("四", "little-giant-performance")
    categories = [UUID(one["category_id"]) for one in opened["categories"]]
    database = Database(process.settings().database_url, "office")
    told = {}
    try:
        async with database.transaction() as tx:
            await tx.session.execute(update(StagePlan).where(StagePlan.category_id.in_(categories)).values(cases=30))
        for role in ("office", "auditor", "guidance", "co_chair"):
            async with database.transaction(Actor(uuid4(), frozenset({role}))) as tx:
                shown = [category.stages for category in (await read_cycle(tx, UUID(opened["cycle_id"]))).categories]
                told[role] = {stage.cases for stages in shown for stage in stages}
    finally:
        await database.close()

    assert told == {"office": {30}, "auditor": {30}, "guidance": {None}, "co_chair": {None}}
