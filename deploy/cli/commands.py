"""Every command with the module it lives in; the modules are imported only when needed."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Final

import typer
import typer.core


@dataclass(frozen=True)
class Command:
    """One command: the module, the name of its function there, and its line in `--help`."""

    module: str
    function: str
    help: str


COMMANDS: Final = {
    "up": Command("deploy.cli.stack", "up", "Start the local stack and wait until it is ready."),
    "down": Command("deploy.cli.stack", "down", "Stop every process of the stack, in order."),
    "status": Command("deploy.cli.stack", "status", "Show every part; exit 0 only if all are ready."),
    "logs": Command("deploy.cli.stack", "logs", "Print the log of one part."),
    "restart": Command("deploy.cli.stack", "restart", "Stop and start one part."),
    "demo": Command("deploy.cli.demo", "demo", "Rehearse both programmes from the call to the released lists."),
    "rulebook": Command("deploy.cli.rulebook", "app", "List, check, show or compare rulebooks; write their schema."),
    "score": Command("deploy.cli.score", "score", "Score cases by a rulebook: JSON Lines in, JSON Lines out."),
    "code": Command("deploy.cli.code", "code", "Print password and one-time code of a seeded account."),
    "draw": Command("deploy.cli.draw", "app", "Recompute the draws of experts in a bundle or a transcript."),
    "rebuild": Command("deploy.cli.rebuild", "rebuild", "Put everything running back on its way from PostgreSQL."),
    "backup": Command("deploy.cli.backup", "backup", "Copy databases, files and keys of the running stack."),
    "restore": Command("deploy.cli.backup", "restore", "Lay a backup down in an empty data directory and start it."),
    "deadletters": Command("deploy.cli.deadletters", "app", "List, show or resend facts that were not taken in."),
    "crosscheck": Command("deploy.cli.crosscheck", "command", "Find what does not agree in the tables of a report."),
    "report": Command("deploy.cli.report", "command", "Write the tables of a report as XLSX and JSON."),
    "makemigration": Command("deploy.cli.makemigration", "makemigration", "For developers: write a migration."),
    "apis": Command("deploy.cli.apis", "apis", "Write OpenAPI of each service and AsyncAPI of the facts."),
}


class LazyCommands(typer.core.TyperGroup):
    """A group that knows its commands by name and imports a module only to run one."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order in which they are written above."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A stand-in with the line of help of `cmd_name`: enough for the list of commands."""
        command = COMMANDS.get(cmd_name)
        return None if command is None else typer.core.TyperCommand(cmd_name, help=command.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command to be run, loaded."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else _load(name, COMMANDS[name]), rest


def _load(name: str, command: Command) -> Any:
    """The function as a command, or the group when `function` names a typer app."""
    found: Any = getattr(importlib.import_module(command.module), command.function)
    if isinstance(found, typer.Typer):
        loaded = typer.main.get_command(found)
    else:
        one = typer.Typer(add_completion=False)
        one.command(name, help=command.help)(found)
        loaded = typer.main.get_command(one)
    loaded.name = name
    return loaded


app = typer.Typer(cls=LazyCommands, add_completion=False, no_args_is_help=True, help="Fangbang 放榜 on this machine.")


@app.callback()
def _root() -> None:
    """Fangbang 放榜 on this machine."""
