"""Transactions that met: of two that wait for each other, or write the same new row, PostgreSQL ends one.

The one that was ended has done nothing. Done again it sees what the other one wrote, and is answered by the rule that
this breaks, not by a fault. Consumers and activities are tried again in any case.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from shared.infra.telemetry import log

Answer = TypeVar("Answer")

DEADLOCK, SERIALIZATION_FAILURE, UNIQUE_VIOLATION = "40P01", "40001", "23505"
_MET = frozenset({DEADLOCK, SERIALIZATION_FAILURE, UNIQUE_VIOLATION})
_log = log(__name__)


async def again_if_met(transact: Callable[[], Awaitable[Answer]]) -> Answer:
    """Do a transaction, and once more when it met another one; ``transact`` opens and commits it.

    Raises:
        DBAPIError: also the second time, or for another reason.
    """
    try:
        return await transact()
    except (DBAPIError, StaleDataError) as trouble:
        if not _met_another(trouble):
            raise
        _log.info("transactions_met", error=repr(trouble)[:500])
    return await transact()


def _met_another(trouble: DBAPIError | StaleDataError) -> bool:
    """Whether another transaction ended this one; a stale row is one that the other changed or removed."""
    return isinstance(trouble, StaleDataError) or getattr(trouble.orig, "sqlstate", None) in _MET
