"""Thousands of complete drafts of invented enterprises, copied in SQL from one that was filed by hand."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from deploy.stack import Stack
from services.submission.domain.statement import STATEMENT_VERSION
from tests.integration.servers import People, ServiceProcess
from tests.integration.submission.desk import API, FIGURES, Desk, good
from tests.integration.submission.outside import Outside


@dataclass
class Drafts:
    """Complete drafts in an open window. Numbers 1 to ``count`` name them; ids follow from the number."""

    window: UUID
    category_id: UUID
    cycle_id: UUID
    template: UUID
    count: int


def case_id(number: int) -> UUID:
    """The case of a draft."""
    return UUID(int=(0xCA5E << 112) + number)


def enterprise_id(number: int) -> UUID:
    """The enterprise of a draft."""
    return UUID(int=(0xE27E << 112) + number)


def prepare_drafts(stack: Stack, folder: Path, count: int) -> Drafts:
    """An open window with ``count`` complete drafts, each with a file."""
    process = ServiceProcess(stack, "submission", "services.submission", folder / "preparing.log")
    process.run("migrate")
    process.start()
    outside = Outside(stack)
    outside.start()
    desk = Desk(process, People(stack), outside)
    try:
        place = desk.category()
        window = desk.begin(place)
        one = desk.enterprise()
        template = UUID(good(desk.open(one, window))["case_id"])
        good(desk.enter(one, str(template), FIGURES))
        desk.attach(one, str(template), figures=["revenue_this_year"])
    finally:
        desk.close()
        outside.stop()
        process.stop()
    drafts = Drafts(window, place.category_id, place.cycle_id, template, count)
    asyncio.run(_copy(process.env["FANGBANG_DATABASE_URL"], drafts))
    return drafts


async def _copy(url: str, drafts: Drafts) -> None:
    """Rows like the template's, with ids made from the number."""
    connection = await asyncpg.connect(url)
    try:
        await _copy_rows(connection, "enterprise", {"enterprise_id": "e27e", "credit_code": None, "name": None}, drafts)
        await _copy_rows(connection, "cases", {"case_id": "ca5e", "subject_id": "e27e", "subject_key": "e27e"}, drafts)
        await _copy_rows(connection, "evidence", {"evidence_id": "ef1e", "case_id": "ca5e"}, drafts)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _copy_rows(
    connection: asyncpg.Connection, table: str, changed: dict[str, str | None], drafts: Drafts
) -> None:
    columns = [
        row["column_name"]
        for row in await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1",
            table,
        )
    ]
    values = ", ".join(_value(column, changed) for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    where = (
        "old.enterprise_id = (SELECT subject_id FROM cases WHERE case_id = $1)"
        if table == "enterprise"
        else "old.case_id = $1"
    )
    await connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS old, generate_series(1, $2::int) AS n"
        f" WHERE {where}",
        drafts.template,
        drafts.count,
    )


def _value(column: str, changed: dict[str, str | None]) -> str:
    if column not in changed:
        return f'old."{column}"'
    mark = changed[column]
    if mark is None:
        return "'演练' || n"
    made = f"('{mark}0000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid"
    return f"{made}::text" if column == "subject_key" else made


def submissions(stack: Stack, drafts: Drafts, numbers: range) -> list[bytes]:
    """The HTTP request of each of these enterprises handing its draft in, with its own token and key."""
    assert numbers.stop - 1 <= drafts.count
    body = f'{{"statement_version": "{STATEMENT_VERSION}", "confirmed": true}}'.encode()
    people = People(stack)
    return [_request(people, number, "POST", "submit", body) for number in numbers]


def figure_entries(stack: Stack, numbers: range) -> list[bytes]:
    """The HTTP request of each of these enterprises saving its figures."""
    body, people = json.dumps({"figures": FIGURES}).encode(), People(stack)
    return [_request(people, number, "PUT", "figures", body) for number in numbers]


def _request(people: People, number: int, method: str, what: str, body: bytes) -> bytes:
    token = people.token("enterprise", account=enterprise_id(number), acts_for=[enterprise_id(number)])
    head = (
        f"{method} {API}/applications/{case_id(number)}/{what} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\nIdempotency-Key: {what}-{number}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
