"""Migrations: the infra schema first, then the service's own; linear, under an advisory lock and a lock timeout."""

import asyncio
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.infra.clocks import SystemClock
from shared.infra.settings import Settings
from shared.infra.tables import infra_metadata

INFRA_MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_201_711


def alembic_config(folder: Path, metadata: MetaData, schema: str, connection: Connection | None = None) -> Config:
    """An alembic configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(metadata=metadata, schema=schema, connection=connection)
    return config


def run_environment() -> None:
    """What every ``migrations/env.py`` calls."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=attributes["metadata"],
        **_options(attributes["schema"]),
    )
    with context.begin_transaction():
        context.run_migrations()


def _options(schema: str) -> dict[str, Any]:
    """How tables and database are compared: only the schema's own tables, with their types."""

    def ours(found: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
        return kind != "table" or (name != "alembic_version" and (found.schema or "public") == schema)

    return {
        "version_table_schema": schema,
        "include_schemas": schema != "public",
        "include_object": ours,
        "compare_type": True,
    }


async def differences(url: str, metadata: MetaData, schema: str) -> list[Any]:
    """What a migration would still have to change in the database for it to be as the tables are written."""

    def compare(connection: Connection) -> list[Any]:
        found: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=_options(schema)), metadata)
        return found

    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


def head(folder: Path) -> str | None:
    """The newest revision in a folder."""
    return ScriptDirectory(str(folder)).get_current_head()


def _upgrade(connection: Connection, folder: Path, metadata: MetaData, schema: str) -> None:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    command.upgrade(alembic_config(folder, metadata, schema, connection), "head")


def _revision(connection: Connection, folder: Path, metadata: MetaData, schema: str, number: str, what: str) -> None:
    config = alembic_config(folder, metadata, schema, connection)
    command.revision(config, message=what, autogenerate=True, rev_id=number)


async def upgrade(url: str, migrations: Path | None = None, metadata: MetaData | None = None) -> None:
    """Bring infra and, if given, the service's own tables to the newest revision."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        await connection.execute(text("SET lock_timeout = '10s'"))
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        await connection.run_sync(_upgrade, INFRA_MIGRATIONS, infra_metadata, "infra")
        if migrations is not None and metadata is not None:
            await connection.run_sync(_upgrade, migrations, metadata, "public")
    await engine.dispose()


async def write_revision(url: str, folder: Path, metadata: MetaData, schema: str, number: str, what: str) -> None:
    """For developers: write the migration that leads from the database as it is to the tables as they are written."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        await connection.run_sync(_revision, folder, metadata, schema, number, what)
    await engine.dispose()


async def give_birth(settings: Settings) -> None:
    """Write what this stack is; refuses the other profile later on."""
    engine = create_async_engine(settings.database_url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO infra.stack (id, profile, born_at, offset_seconds) VALUES (1, :profile, :born, :offset)"
                " ON CONFLICT (id) DO NOTHING"
            ),
            {
                "profile": settings.profile.value,
                "born": SystemClock().now(),
                "offset": settings.rehearsal_offset_seconds if settings.profile == "rehearsal" else 0,
            },
        )
    await engine.dispose()


def migrate(settings: Settings, migrations: Path, metadata: MetaData) -> None:
    """The ``migrate`` role: upgrade, then birth."""

    async def both() -> None:
        await upgrade(settings.database_url, migrations, metadata)
        await give_birth(settings)

    asyncio.run(both())
