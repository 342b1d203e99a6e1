"""The overview asks the database a fixed number of questions, however much runs."""

from sqlalchemy import event

from services.office.cycles.reads import read_cycles
from shared.infra.database import Database
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
