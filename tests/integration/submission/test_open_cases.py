"""How many open cases a change of rules would touch, as `fangbang rulebook diff` counts them."""

import asyncio
from uuid import uuid4

from deploy.cli.open_cases import count_open_cases
from deploy.stack import Stack
from services.submission.tables import StageCopy
from shared.infra.database import Database
from tests.integration.submission.desk import QINGDAO, Desk, Place


def _counted(stack: Stack, release_of: Place | None = None) -> dict[str, int]:
    """The open cases; before, perhaps, the release of a category is over."""

    async def ask() -> dict[str, int]:
        database = Database(stack.settings_for("submission")["FANGBANG_DATABASE_URL"], "submission", pool=1)
        try:
            async with database.transaction() as tx:
                if release_of is not None:
                    copy = StageCopy(stage_id=uuid4(), category_id=release_of.category_id, source="publication")
                    copy.kind, copy.state = "release", "closed"
                    tx.session.add(copy)
                    await tx.session.flush()
                return await count_open_cases(tx, QINGDAO)
        finally:
            await database.close()

    return asyncio.run(ask())


def test_living_cases_are_open_until_their_category_is_released(desk: Desk, stack: Stack) -> None:
    place = desk.category()
    before = _counted(stack).get(place.category_key, 0)
    desk.file(desk.enterprise(), desk.begin(place))

    assert _counted(stack)[place.category_key] == before + 1
    assert _counted(stack, release_of=place).get(place.category_key, 0) == before
