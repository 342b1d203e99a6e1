"""导入 of experts into the pools."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Request

from services.review.imports import KINDS
from services.review.site import page_for
from shared.infra.database import Tx
from shared.web.importing.acts import ImportKind
from shared.web.importing.pages import NOWHERE, ImportRoom, import_router
from shared.web.page import PageContext
from shared.web.parts import Link


async def _offered(_tx: Tx) -> Sequence[tuple[ImportKind, UUID, str]]:
    return [(kind, NOWHERE, "") for kind in KINDS.values()]


async def _page(tx: Tx, request: Request, title: str, crumbs: tuple[Link, ...]) -> PageContext:
    return page_for(tx, request, title, crumbs=(Link(label="专家库", href="/expert/pool"), *crumbs))


router = import_router(ImportRoom("/expert/pool/imports", "pool.manage", KINDS, _offered, _page))
