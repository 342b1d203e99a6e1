"""`fangbang rebuild`: put everything running back on its way from PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy import rebuild as rebuilding
from deploy.cli.refusals import refusals_as_sentences
from deploy.stack import Stack

Data = Annotated[Path | None, typer.Option("--data", help="Data directory; default $FANGBANG_DATA, else .data.")]


def rebuild(
    data: Data = None,
    wipe: Annotated[bool, typer.Option("--wipe", help="Empty NATS and Temporal first.")] = False,
    dossiers: Annotated[bool, typer.Option("--dossiers", help="Write all dossiers to S3 again.")] = False,
) -> None:
    """Publish all facts again, start all open work again; what has had its effect has it only once."""
    with refusals_as_sentences():
        stack = Stack(data)
        services = rebuilding.running_services(stack)
        if wipe:
            rebuilding.wipe(stack, print)
        table = Table("service", "facts", "workflows", "dossiers")
        for done in rebuilding.rebuild_services(stack, services, dossiers=dossiers):
            table.add_row(done.service, str(done.facts), str(done.workflows), str(done.dossiers))
        Console().print(table)
