"""`fangbang makemigration`: write the migration from what is migrated to the tables as they are written now."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.refusals import refusals_as_sentences
from deploy.declared import parts_of
from deploy.scratch import scratch_database
from deploy.stack import Stack, StackRefusal
from deploy.stack.names import SERVICES
from shared.infra.migrating import INFRA_MIGRATIONS, upgrade, write_revision
from shared.infra.tables import infra_metadata

Data = Annotated[Path | None, typer.Option("--data", help="A running stack to work on; default one made for this.")]


def makemigration(service: str, number: str, what: str, data: Data = None) -> None:
    """Write migration NUMBER (such as 0002) of SERVICE (or infra), named by WHAT it does."""
    with refusals_as_sentences():
        if service not in (*SERVICES, "infra"):
            raise StackRefusal(f"There is no service {service!r}; there are: {', '.join(SERVICES)}, infra.")
        if data is not None:
            asyncio.run(_write(Stack(data), service, number, what))
            return
        with tempfile.TemporaryDirectory() as folder, Stack(folder, profile="rehearsal", services=False) as stack:
            asyncio.run(_write(stack, service, number, what))


async def _write(stack: Stack, service: str, number: str, what: str) -> None:
    async with scratch_database(stack) as url:
        if service == "infra":
            folder, metadata, schema = INFRA_MIGRATIONS, infra_metadata, "infra"
            await upgrade(url)
        else:
            parts = parts_of(service)
            folder, metadata, schema = parts.migrations, parts.metadata, "public"
            await upgrade(url, folder, metadata)
        await write_revision(url, folder, metadata, schema, number, what)
    print(*sorted((folder / "versions").glob(f"{number}_*.py")), sep="\n")
