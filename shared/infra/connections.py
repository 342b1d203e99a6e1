"""Connections of the pool: one that is gone is replaced before anybody works on it."""

from time import monotonic
from typing import Any, cast

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

_RESTED_SECONDS = 1.0


def ask_connections_that_rested(engine: AsyncEngine) -> None:
    """Replace all connections when one that is wanted turns out to be closed, or lay idle and does not answer.

    Asking at every transaction (``pool_pre_ping``) would cost three round trips each.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def ask(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        rested = monotonic() - record.info.get("rests_since", monotonic())
        gone = connection.driver_connection.is_closed()
        if gone or (rested > _RESTED_SECONDS and not _answers(engine, connection)):
            raise InvalidatePoolError


def _answers(engine: AsyncEngine, connection: Any) -> bool:
    dialect = engine.sync_engine.dialect
    try:
        return dialect.do_ping(connection)
    except cast("Any", dialect).loaded_dbapi.Error:
        return False
