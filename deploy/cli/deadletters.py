"""`fangbang deadletters list | show | resend`: facts that could not be taken in, and the way to try again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import nats
import typer

from deploy.cli.refusals import refusals_as_sentences
from deploy.declared import settings_on
from deploy.rebuild import running_services
from deploy.stack import Stack
from deploy.stack.settings import nats_url
from shared.infra.database import Database, Tx
from shared.infra.deadletters import list_dead_letters, resend_dead_letter, show_dead_letter
from shared.infra.tables import DeadLetter
from shared.kernel.refusals import NotFound

Data = Annotated[Path | None, typer.Option("--data", help="Data directory; default $FANGBANG_DATA, else .data.")]
Service = Annotated[str | None, typer.Option("--service", help="Only this service's; default all that run.")]
Answer = TypeVar("Answer")

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Facts that could not be taken in.")


@app.command("list")
def list_(
    data: Data = None,
    service: Service = None,
    resent: Annotated[bool, typer.Option("--resent", help="Those already sent again, too.")] = False,
) -> None:
    """List what waits, oldest first."""
    with refusals_as_sentences():
        stack = Stack(data)
        found = [
            letter
            for name in _services(stack, service)
            for letter in asyncio.run(_within(stack, name, lambda tx: list_dead_letters(tx, resent=resent)))
        ]
        print("\n".join(map(_line, found)) or "No dead letters.")


@app.command()
def show(letter_id: UUID, data: Data = None, service: Service = None) -> None:
    """Show one whole."""
    with refusals_as_sentences():
        stack = Stack(data)
        name, letter = _find(stack, _services(stack, service), letter_id)
        for word, value in (
            ("service", name),
            ("consumer", letter.consumer),
            ("subject", letter.subject),
            ("message", letter.message_id),
            ("tries", letter.deliveries),
            ("set aside", letter.set_aside_at),
            ("sent again", letter.resent_at or "no"),
            ("error", letter.error),
            ("payload", letter.payload.decode(errors="replace")),
        ):
            print(f"{word:<11} {value}")


@app.command()
def resend(letter_id: UUID, data: Data = None, service: Service = None) -> None:
    """Publish one again as it was; whoever has had its effect ignores it."""
    with refusals_as_sentences():
        stack = Stack(data)
        name, _letter = _find(stack, _services(stack, service), letter_id)
        asyncio.run(_resend(stack, name, letter_id))
        print(f"Sent again; see `fangbang deadletters list --service {name}` in a minute.")


def _services(stack: Stack, service: str | None) -> Sequence[str]:
    return [service] if service else running_services(stack)


def _find(stack: Stack, services: Sequence[str], letter_id: UUID) -> tuple[str, DeadLetter]:
    for name in services:
        try:
            return name, asyncio.run(_within(stack, name, lambda tx: show_dead_letter(tx, letter_id)))
        except NotFound:
            continue
    raise NotFound(f"没有编号为 {letter_id} 的死信。")


async def _within(stack: Stack, name: str, do: Callable[[Tx], Awaitable[Answer]]) -> Answer:
    database = Database(settings_on(stack, name).database_url, name, pool=1)
    try:
        async with database.transaction() as tx:
            return await do(tx)
    finally:
        await database.close()


async def _resend(stack: Stack, name: str, letter_id: UUID) -> None:
    """As the operator: a service itself may speak only under its own name."""
    connection = await nats.connect(nats_url("operator", stack.birth, stack.keys))
    try:
        await _within(stack, name, lambda tx: resend_dead_letter(tx, connection, letter_id))
    finally:
        await connection.close()


def _line(letter: DeadLetter) -> str:
    """The id first, to be copied; then who, what, how often, when and why."""
    moment = letter.set_aside_at.isoformat(timespec="seconds")
    return (
        f"{letter.id}  {letter.consumer}  {letter.subject}  {letter.deliveries} tries, {moment}\n"
        f"    {letter.error.partition(chr(10))[0][:110]}"
    )
