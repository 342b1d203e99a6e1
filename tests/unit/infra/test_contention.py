"""A transaction that met another one is done once more; any other fault rises at once."""

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from shared.infra.contention import DEADLOCK, UNIQUE_VIOLATION, again_if_met


class _Ended(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def _trouble(sqlstate: str) -> DBAPIError:
    return DBAPIError("COMMIT", {}, _Ended(sqlstate))


class _Transaction:
    def __init__(self, *troubles: Exception) -> None:
        self.troubles, self.done = list(troubles), 0

    async def __call__(self) -> str:
        self.done += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return "answer"


@pytest.mark.parametrize(
    "trouble",
    [_trouble(DEADLOCK), _trouble(UNIQUE_VIOLATION), StaleDataError("0 rows matched")],
)
async def test_a_transaction_that_met_another_one_is_done_once_more(trouble: Exception) -> None:
    transact = _Transaction(trouble)

    assert await again_if_met(transact) == "answer"
    assert transact.done == 2


async def test_a_transaction_that_meets_others_again_and_again_fails() -> None:
    transact = _Transaction(*[_trouble(DEADLOCK)] * 3)

    with pytest.raises(DBAPIError):
        await again_if_met(transact)

    assert transact.done == 2


async def test_another_fault_of_the_database_rises_at_once() -> None:
    transact = _Transaction(_trouble("22021"))

    with pytest.raises(DBAPIError):
        await again_if_met(transact)

    assert transact.done == 1
