"""`fangbang rulebook …`: the rules as data, for those who write and check them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from deploy.cli.open_cases import open_cases
from deploy.cli.rulebook_files import open_rulebook, read_rulebook, sentences
from shared.infra.form_workbooks import form_workbook
from shared.infra.rulebooks import load_shipped
from shared.rulebook import Category, Rulebook, RulebookRefused
from shared.rulebook.differences import EFFECTS, Difference, Part, differences, touched
from shared.rulebook.schema import rulebook_schema
from shared.rulebook.telling import tell_category, tell_rulebook

REFUSED: Final = 1
Data = Annotated[Path | None, typer.Option("--data", help="Data directory; default $FANGBANG_DATA, else .data.")]

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Rulebooks: the rules as data.")


@app.command("list")
def list_() -> None:
    """List the shipped rulebooks."""
    for book in load_shipped().values():
        print(f"{book.id}  {book.version}  {book.title}")
        print(f"    {len(book.categories)} 个发布项目，{_readings(book)}，摘要 {book.digest}")


@app.command()
def check(file: Annotated[Path, typer.Argument(help="The rulebook, a YAML file.")]) -> None:
    """Check FILE as a whole; every fault with line and reason. Exit 0: valid, 1: refused."""
    try:
        book = read_rulebook(file)
    except RulebookRefused as refused:
        print(*sentences(str(file), refused.problems), sep="\n", file=sys.stderr)
        print(f"未通过：{len(refused.problems)} 处。", file=sys.stderr)
        raise typer.Exit(REFUSED) from refused
    print(f"通过：{book.title}（{book.version}），{len(book.categories)} 个发布项目。")
    print(f"{_readings(book)}，摘要 {book.digest}")


def _readings(book: Rulebook) -> str:
    return f"读法 {len(book.settings)} 项，其中未确认 {len(book.unconfirmed())} 项"


@app.command()
def show(
    rulebook: Annotated[str, typer.Argument(help="Id of a shipped rulebook, or a YAML file.")],
    category: Annotated[str | None, typer.Option("--category", help="Key of one category: all its rules.")] = None,
) -> None:
    """Show a rulebook, or all rules of one category, to be read beside the printed text."""
    book = open_rulebook(rulebook)
    if category is None:
        print(*tell_rulebook(book), sep="\n")
        return
    print(*tell_category(_category(book, category)), sep="\n")


@app.command()
def template(
    rulebook: Annotated[str, typer.Argument(help="Id of a shipped rulebook, or a YAML file.")],
    category: Annotated[str, typer.Argument(help="Key of a category with an application form.")],
    out: Annotated[Path, typer.Argument(help="The XLSX file to write.")],
    variant: Annotated[str | None, typer.Option("--variant", help="Class, where the category has classes.")] = None,
) -> None:
    """Write the form of a category as an XLSX template."""
    found = _category(open_rulebook(rulebook), category)
    known = [one.id for one in found.variants]
    if (variant in known) != bool(known) or (variant is not None and not known):
        print(f"须用 --variant 指明类别；可用：{'、'.join(known)}。" if known else "此项目不分类别。", file=sys.stderr)
        raise typer.Exit(REFUSED)
    out.write_bytes(form_workbook(found, variant, {}))
    print(f"{found.name}：{out}")


def _category(book: Rulebook, key: str) -> Category:
    keys = [one.key for one in book.categories]
    if key not in keys:
        print(f"没有发布项目“{key}”；可用：{'、'.join(keys)}。", file=sys.stderr)
        raise typer.Exit(REFUSED)
    return book.category(key)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="Id of a shipped rulebook, or a YAML file.")],
    new: Annotated[str, typer.Argument(help="The other version.")],
    data: Data = None,
) -> None:
    """Say what changed from OLD to NEW and which open cases it would touch."""
    before, after = open_rulebook(old), open_rulebook(new)
    found = differences(before, after)
    if not found:
        print("两者内容相同。")
        return
    print(f"{old}（{before.version}，摘要 {before.digest[:12]}）→ {new}（{after.version}，摘要 {after.digest[:12]}）")
    print(*found, sep="\n")
    print(*_effects(before, after, found, open_cases(data, before.id)), sep="\n")


@app.command()
def schema() -> None:
    """Write the JSON Schema of rulebooks, for editors."""
    print(json.dumps(rulebook_schema(), ensure_ascii=False, indent=2))


def _effects(
    before: Rulebook, after: Rulebook, found: list[Difference], counts: dict[str, int] | None
) -> Iterator[str]:
    parts = touched(found)
    names = {category.key: category.name for book in (after, before) for category in book.categories}
    yield ""
    yield "触及的未结案：" if parts else "不触及任何发布项目的案。"
    for key, changed in parts.items():
        count = "未知（没有运行中的系统）" if counts is None else f"{counts.get(key, 0)} 件"
        yield f"{names[key]}：未结案 {count}"
        yield from (f"  {EFFECTS[part]}" for part in Part if part in changed)
