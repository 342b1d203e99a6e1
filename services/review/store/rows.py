"""The rows of a table that meet conditions: what every read of the store is made of."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlmodel import SQLModel

from shared.infra.database import Tx

Row = TypeVar("Row", bound=SQLModel)


async def rows_of(tx: Tx, table: type[Row], *where: object, order: Sequence[object] = ()) -> list[Row]:
    """The rows of ``table`` that meet all conditions, in this order."""
    found = await tx.session.execute(select(table).where(*where).order_by(*order))  # type: ignore[arg-type]
    return list(found.scalars())
