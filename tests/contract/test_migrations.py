"""Migrations lead to the tables as they are written: on a real PostgreSQL there is nothing left to change."""

import re
from collections.abc import Mapping

import pytest
from alembic.script import ScriptDirectory

from deploy.scratch import scratch_database
from deploy.stack import Stack
from deploy.stack.names import SERVICES
from shared.infra.migrating import INFRA_MIGRATIONS, differences, upgrade
from shared.infra.tables import infra_metadata
from tests.contract.declared import Declared

NAME = re.compile(r"\d{4}_[a-z0-9_]+\.py")


@pytest.mark.parametrize("name", SERVICES)
async def test_migrated_database_is_as_the_tables_are_written(
    stack: Stack, declared: Mapping[str, Declared], name: str
) -> None:
    parts = declared[name].parts
    async with scratch_database(stack) as url:
        await upgrade(url, parts.migrations, parts.metadata)

        assert await differences(url, parts.metadata, "public") == []
        assert await differences(url, infra_metadata, "infra") == []


async def test_migrating_twice_changes_nothing(stack: Stack, declared: Mapping[str, Declared]) -> None:
    parts = declared["office"].parts
    async with scratch_database(stack) as url:
        await upgrade(url, parts.migrations, parts.metadata)
        await upgrade(url, parts.migrations, parts.metadata)

        assert await differences(url, parts.metadata, "public") == []


async def test_a_table_that_was_not_migrated_is_found(stack: Stack, declared: Mapping[str, Declared]) -> None:
    async with scratch_database(stack) as url:
        await upgrade(url)

        missing = await differences(url, declared["review"].parts.metadata, "public")
        assert {change[0] for change in missing} >= {"add_table"}


def test_migrations_are_one_line_of_numbered_steps(declared: Mapping[str, Declared]) -> None:
    for folder in (INFRA_MIGRATIONS, *(service.parts.migrations for service in declared.values())):
        names = sorted(path.name for path in (folder / "versions").glob("*.py"))
        revisions = [script.revision for script in ScriptDirectory(str(folder)).walk_revisions()]

        assert names, folder
        assert [name for name in names if not NAME.fullmatch(name)] == []
        assert sorted(revisions) == [name.split("_", 1)[0] for name in names]
        assert len(ScriptDirectory(str(folder)).get_heads()) == 1
