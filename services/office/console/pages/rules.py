"""规则: the rulebooks in force, every rule in words, and what another version would change."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import Response

from services.office.cycles import store
from services.office.site import page_for, render
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import NotFound
from shared.rulebook import Rulebook, RulebookRefused, load_rulebook
from shared.rulebook.differences import EFFECTS, Difference, Part, differences, touched
from shared.web.act import Act, acting, acting_form
from shared.web.parts import Column, FieldError, Link, Row
from shared.web.rights import may

router = APIRouter()

LARGEST = 512 * 1024
_BOOKS = tuple(Column(label=label) for label in ("实施办法", "版本", "施行日期", "未确认的理解", "据此运行的年度"))
_READINGS = tuple(Column(label=label) for label in ("依据", "条文未印明之处", "系统所取的理解", "理由", "确认"))


@router.get("/office/rules")
async def rules(request: Request, act: Act = acting("cycle.read")) -> Response:
    """Every rulebook with the years that run by it."""

    async def read(tx: Tx) -> Response:
        cycles = await store.all_cycles(tx)
        rows = [
            Row(
                cells=(
                    book.title,
                    book.version,
                    book.effective_date.isoformat(),
                    f"{len(book.unconfirmed())} / {len(book.settings)} 处",
                    "、".join(one.title for one in cycles if one.rulebook_digest == book.digest) or "—",
                ),
                href=f"/office/rules/{book.id}",
            )
            for book in load_shipped().values()
        ]
        return render(request, "office/rules.html", await page_for(tx, request, "规则"), columns=_BOOKS, rows=rows)

    return await act.read(read)


@router.get("/office/rules/{rulebook_id}")
async def rulebook(rulebook_id: str, request: Request, act: Act = acting("cycle.read")) -> Response:
    """One rulebook: its open readings, and each category as it is applied."""
    return await act.read(lambda tx: _page(tx, request, rulebook_id))


@router.post("/office/rules/{rulebook_id}/comparison")
async def compare(
    rulebook_id: str, request: Request, file: Annotated[UploadFile, File()], act: Act = acting_form("cycle.open")
) -> Response:
    """What another version changes; a file that is no rulebook is answered with every fault of it. Nothing is kept."""
    content = await file.read(LARGEST + 1)
    found = _differences(_book(rulebook_id), content)
    if isinstance(found, tuple):
        return await act.read(lambda tx: _page(tx, request, rulebook_id, wrong=found))
    return await act.read(lambda tx: _page(tx, request, rulebook_id, found=found))


def _book(rulebook_id: str) -> Rulebook:
    book = load_shipped().get(rulebook_id)
    if book is None:
        raise NotFound("没有找到这份实施办法。")
    return book


def _differences(book: Rulebook, content: bytes) -> list[Difference] | tuple[str, ...]:
    """The differences from ``book``, or what is wrong with the file."""
    if len(content) > LARGEST:
        return ("文件超过 512 KB。",)
    try:
        other = load_rulebook(content.decode("utf-8"))
    except UnicodeDecodeError:
        return ("文件不是 UTF-8 编码（若是 GBK，请另存为 UTF-8）。",)
    except RulebookRefused as refused:
        return tuple(str(problem) for problem in refused.problems)
    return differences(book, other)


async def _page(
    tx: Tx,
    request: Request,
    rulebook_id: str,
    found: list[Difference] | None = None,
    wrong: Sequence[str] = (),
) -> Response:
    book = _book(rulebook_id)
    page = await page_for(tx, request, book.title, crumbs=(Link(label="规则", href="/office/rules"),))
    readings = [
        Row(
            cells=(
                one.article,
                one.question,
                one.chosen,
                one.why,
                f"{one.confirmed.minute} 确认" if one.confirmed else "未确认",
            )
        )
        for one in book.settings
    ]
    names = {category.key: category.name for category in book.categories}
    parts = touched(found or [])
    effects = {names.get(key, key): [EFFECTS[one] for one in Part if one in parts[key]] for key in parts}
    return render(
        request,
        "office/rulebook.html",
        page,
        status=422 if wrong else 200,
        book=book,
        columns=_READINGS,
        readings=readings,
        found=None if found is None else [str(one) for one in found],
        effects=effects,
        may_compare=may(tx.actor, "cycle.open"),
        wrong=wrong,
        errors=[FieldError(field="file", message=f"文件有 {len(wrong)} 处错误，见下。")] if wrong else [],
    )
