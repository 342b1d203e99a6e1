"""`fangbang backup | restore`: everything that cannot be computed again, into a folder and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.backup.checking import check as check_backup
from deploy.backup.making import back_up
from deploy.backup.restoring import chosen
from deploy.backup.restoring import restore as lay_down
from deploy.cli.refusals import refusals_as_sentences
from deploy.stack import Stack, StackRefusal
from deploy.stack.layout import DataDir

Data = Annotated[Path | None, typer.Option("--data", help="Data directory; default $FANGBANG_DATA, else .data.")]
_MIB = 1024 * 1024


def backup(
    to: Annotated[Path, typer.Option("--to", help="Folder of backups, best on another machine's disk.")],
    data: Data = None,
) -> None:
    """Copy databases, files and keys of the running stack; files that an earlier backup has are not copied again.

    Whoever reads the folder can read and sign everything: keep it as you keep the server itself.
    """
    with refusals_as_sentences():
        folder = to.expanduser().resolve()
        made = back_up(Stack(data), folder, print)
        print(f"{folder / made.name}: {made.octets / _MIB:.1f} MiB, {made.files} files, read again and whole.")
        print(f"SHA-256 of the manifest  {made.digest}")
        if made.damaged:
            raise StackRefusal(_damaged(folder / made.name))


def restore(
    source: Annotated[Path, typer.Option("--from", help="A backup, or a folder of them: its newest.")],
    data: Data = None,
    check: Annotated[bool, typer.Option("--check", help="Only read the backup through; write nothing.")] = False,
    digest: Annotated[str | None, typer.Option("--digest", help="What the SHA-256 of the manifest must be.")] = None,
) -> None:
    """Lay a backup down in an empty data directory, start it, and put everything running back on its way."""
    with refusals_as_sentences():
        found = chosen(source.expanduser().resolve())
        if check or digest:
            _kept, stated = check_backup(found)
            if digest and digest != stated:
                raise StackRefusal(f"{found} is another backup: the SHA-256 of its manifest is {stated}.")
            print(f"{found} is whole.  SHA-256 of the manifest  {stated}")
        if not check:
            stack = lay_down(found, DataDir.at(data), print)
            print(f"Pages     {stack.birth.page_origin}\nTemporal  {stack.birth.temporal_ui}")
            print("End the stack it was made from, if it still runs: both would write to the same people.")


def _damaged(backup: Path) -> str:
    names = check_backup(backup)[0].damaged
    print(f"{len(names)} files were damaged in S3 before they were copied:", file=sys.stderr)
    return "\n".join(names)
