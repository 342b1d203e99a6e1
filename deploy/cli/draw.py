"""`fangbang draw verify BUNDLE`: recompute the draws of a bundle, or of one transcript, from list and secrets alone."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.verify.verify_bundle import UNREADABLE, Bundle, check_draws
from services.review.verify_draw import verify_draw

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Verify draws of experts.")


@app.callback()
def _group() -> None:
    """Verify draws of experts."""


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(exists=True, help="A bundle (folder or ZIP), or one transcript.")],
    digest: Annotated[str | None, typer.Option(help="SHA-256 of a transcript, from the ledger or its page.")] = None,
) -> None:
    """Print what is wrong with each draw; exit code 0 only when every draw is proven."""
    try:
        found = _problems(bundle, digest)
    except UNREADABLE as trouble:
        typer.echo(f"{bundle} 不是可以核验的证明包：{trouble}", err=True)
        raise typer.Exit(1) from trouble
    for name, problems in found.items():
        typer.echo(f"{name}: {'；'.join(problems) or '抽取重算一致'}")
    if not found:
        typer.echo("证明包中没有抽取记录。")
    raise typer.Exit(1 if not found or any(found.values()) else 0)


def _problems(given: Path, digest: str | None) -> dict[str, list[str]]:
    """What is wrong with each draw of a bundle, or with one transcript."""
    if given.suffix == ".json":
        return {given.name: verify_draw(given.read_bytes(), digest)}
    if given.is_dir():
        return _of_bundle(given)
    with tempfile.TemporaryDirectory() as unpacked, zipfile.ZipFile(given) as archive:
        archive.extractall(unpacked)
        return _of_bundle(Path(unpacked))


def _of_bundle(folder: Path) -> dict[str, list[str]]:
    """Each transcript with what is wrong with it, in itself and in the ledger."""
    bundle = Bundle(folder)
    problems = check_draws(bundle)
    names = [path.name for path in bundle.named("review/draw-transcript")]
    return {name: [one for one in problems if one.startswith(f"{name}:")] for name in names}
