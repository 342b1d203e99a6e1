"""A database of its own on a running stack's PostgreSQL, gone afterwards: for migrations and their tests."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from deploy.stack import Stack


@asynccontextmanager
async def scratch_database(stack: Stack) -> AsyncIterator[str]:
    """The URL of an empty database; it is dropped at the end, whoever is still connected."""
    server = f"postgresql://postgres:{stack.keys.password('postgres', 'postgres')}@127.0.0.1"
    server += f":{stack.birth.port('postgres')}"
    name = f"scratch_{secrets.token_hex(6)}"
    await _administer(server, f"CREATE DATABASE {name}")
    try:
        yield f"{server}/{name}"
    finally:
        await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(server: str, statement: str) -> None:
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
