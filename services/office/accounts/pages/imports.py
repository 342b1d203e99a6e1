"""导入 of accounts, for the security administrator."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Request

from services.office.accounts.imports import KINDS
from services.office.site import page_for
from shared.infra.database import Tx
from shared.web.importing.acts import ImportKind
from shared.web.importing.pages import NOWHERE, ImportRoom, import_router
from shared.web.page import PageContext
from shared.web.parts import Link


async def _offered(_tx: Tx) -> Sequence[tuple[ImportKind, UUID, str]]:
    return [(kind, NOWHERE, "") for kind in KINDS.values()]


async def _page(tx: Tx, request: Request, title: str, crumbs: tuple[Link, ...]) -> PageContext:
    page = await page_for(tx, request, title)
    return page.model_copy(update={"crumbs": (Link(label="账号与权限", href="/office/accounts"), *crumbs)})


router = import_router(ImportRoom("/office/accounts/imports", "account.create", KINDS, _offered, _page))
