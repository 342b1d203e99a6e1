"""What was done in all five services, newest first, asked with the auditor's own token and held against the ledger."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlmodel import col, select

from services.office.accounts.tables import Account
from services.office.ledger import store as ledger
from services.office.ledger.tables import LedgerEntry
from services.office.notices.tables import Notice
from shared.contracts.names import ServiceName
from shared.infra.database import Tx
from shared.infra.sequencer import entry_digest
from shared.infra.tables import Audit
from shared.kernel.chain import GENESIS, link
from shared.kernel.refusals import Conflict
from shared.web.audit import LAST_ID, MOST, AuditRow

_SECONDS = 10.0
_ROWS = TypeAdapter(list[AuditRow])
_END = datetime(3000, 1, 1, tzinfo=UTC)


class Place(BaseModel):
    """Where a page of the log begins: with what comes before this instant, source and id."""

    model_config = ConfigDict(frozen=True)

    at: datetime = _END
    source: str = ""
    id: int = 0

    def before_id_of(self, source: str) -> int:
        """From which id back the rows of a source at this very instant belong to the page."""
        if source == self.source:
            return self.id
        return LAST_ID if source < self.source else 0


class Filters(BaseModel):
    """Which rows are asked for; ``since`` and ``until``: from this instant, and before that one."""

    model_config = ConfigDict(frozen=True)

    sources: tuple[ServiceName, ...] = tuple(ServiceName)
    action: str | None = None
    actor_id: UUID | None = None
    case_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class Done(BaseModel):
    """One thing that was done, and where."""

    model_config = ConfigDict(frozen=True)

    source: ServiceName
    row: AuditRow

    @property
    def place(self) -> Place:
        """Where the page after this one begins."""
        return Place(at=self.row.occurred_at, source=self.source, id=self.row.id)


class Standing(StrEnum):
    """How a row stands to the ledger."""

    HOLDS = "holds"
    WAITS = "waits"
    BROKEN = "broken"


class Log(BaseModel):
    """A page of the log: rows newest first, whether more follow, and which services did not answer."""

    done: list[Done]
    more: bool
    silent: list[ServiceName]


async def ask_log(origin: str, token: str, filters: Filters, place: Place, limit: int) -> Log:
    """The next rows of all wanted services."""
    async with httpx.AsyncClient(base_url=origin, timeout=_SECONDS) as client:
        found = await asyncio.gather(*(_ask(client, token, one, filters, place, limit) for one in filters.sources))
    rows = [
        Done(source=source, row=row) for source, rows in zip(filters.sources, found, strict=True) for row in rows or ()
    ]
    rows.sort(key=lambda one: (one.row.occurred_at, one.source, one.row.id), reverse=True)
    silent = [source for source, answer in zip(filters.sources, found, strict=True) if answer is None]
    return Log(done=rows[:limit], more=len(rows) > limit, silent=silent)


async def _ask(
    client: httpx.AsyncClient, token: str, source: ServiceName, filters: Filters, place: Place, limit: int
) -> Sequence[AuditRow] | None:
    """The rows of one service, one more than wanted where there are more; None: it did not answer."""
    before = {"before": place.at.isoformat(), "before_id": str(place.before_id_of(source))}
    wanted = filters.model_dump(mode="json", exclude={"sources"}, exclude_none=True)
    params = {**wanted, **before, "limit": str(min(limit + 1, MOST))}
    try:
        answer = await client.get(f"/api/{source}/audit", params=params, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
    except httpx.HTTPError:
        return None
    return _ROWS.validate_json(answer.content)


async def whole_log(origin: str, token: str, filters: Filters) -> AsyncIterator[Sequence[Done]]:
    """All rows, in blocks; a service that does not answer ends it with a refusal rather than with a gap."""
    place, more = Place(), True
    while more:
        log = await ask_log(origin, token, filters, place, MOST - 1)
        if log.silent:
            raise Conflict("service_down", "有服务没有应答，导出会不完整，请稍后再试。")
        yield log.done
        more = log.more
        place = log.done[-1].place if log.done else place


async def standings(tx: Tx, done: Iterable[Done]) -> Mapping[tuple[str, int], tuple[int | None, Standing]]:
    """By source and id: a row's index in the ledger, and whether row and entry say the same.

    The digest is recomputed here from the row as it was handed out; the entry must also follow from the one before it.
    """
    rows = [one for one in done if one.row.number is not None]
    entries = await _entries(tx, rows)
    return {(one.source, one.row.id): _standing(one, entries) for one in rows}


def _standing(one: Done, entries: Mapping[tuple[str, int], LedgerEntry]) -> tuple[int | None, Standing]:
    number = one.row.number or 0
    entry, former = entries.get((one.source, number)), entries.get((one.source, number - 1))
    if entry is None:
        return None, Standing.WAITS
    digest = entry_digest(Audit(**one.row.model_dump()))
    before = former.source_chain if former else GENESIS if number == 1 else ""
    same = (entry.digest, entry.type, entry.source_chain) == (digest, one.row.action, one.row.chain)
    follows = link(before, number, entry.type, entry.digest) == entry.source_chain
    return entry.index, Standing.HOLDS if same and follows else Standing.BROKEN


async def _entries(tx: Tx, rows: Sequence[Done]) -> Mapping[tuple[str, int], LedgerEntry]:
    """The entries of these rows and those before each of them."""
    wanted: dict[str, set[int]] = {}
    for one in rows:
        wanted.setdefault(one.source, set()).update({one.row.number or 0, (one.row.number or 0) - 1})
    found = [await ledger.entries_numbered(tx, source, numbers) for source, numbers in wanted.items()]
    return {(entry.source, entry.number): entry for entries in found for entry in entries}


async def names_of(tx: Tx, done: Iterable[Done]) -> Mapping[UUID, str]:
    """Who did it, by account: login and name."""
    ids = {one.row.actor_id for one in done if one.row.actor_id}
    found = (await tx.session.exec(select(Account).where(col(Account.account_id).in_(ids)))).all() if ids else ()
    return {one.account_id: f"{one.display_name}（{one.login}）" for one in found}


async def case_numbers(tx: Tx, done: Iterable[Done]) -> Mapping[UUID, str]:
    """The numbers of cases as notices about them state them."""
    ids = {one.row.case_id for one in done if one.row.case_id}
    known = col(Notice.case_number).is_not(None)
    query = select(Notice.case_id, Notice.case_number).where(col(Notice.case_id).in_(ids), known).distinct()
    return {case: number for case, number in (await tx.session.exec(query)).all() if case and number} if ids else {}


async def case_called(tx: Tx, number: str) -> UUID | None:
    """The case with this number, if a notice ever named it."""
    query = select(Notice.case_id).where(Notice.case_number == number, col(Notice.case_id).is_not(None)).limit(1)
    return (await tx.session.exec(query)).first()


async def account_called(tx: Tx, login: str) -> UUID | None:
    """The account with this login, in use or not."""
    return (await tx.session.exec(select(Account.account_id).where(Account.login == login))).first()
