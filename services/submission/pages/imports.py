"""导入 on the desk: filings on paper, statistics, nominations, targets."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Request

from services.submission.actions.rules import category_of
from services.submission.imports.kinds import KINDS, STAGES, offered_in
from services.submission.site import page_for
from shared.infra.database import Tx
from shared.infra.stages import running_stages
from shared.web.importing.acts import ImportKind
from shared.web.importing.pages import ImportRoom, import_router
from shared.web.page import PageContext
from shared.web.parts import Link
from shared.web.rights import may


async def _offered(tx: Tx) -> Sequence[tuple[ImportKind, UUID, str]]:
    return [
        (kind, stage.stage_id, category_of(stage).name)
        for key, kind in KINDS.items()
        for stage in await running_stages(tx, STAGES[key])
        if offered_in(key, stage)
    ]


async def _page(tx: Tx, request: Request, title: str, crumbs: tuple[Link, ...]) -> PageContext:
    above = (Link(label="初审台", href="/screening"),) if may(tx.actor, "screening.decide") else ()
    return page_for(tx, request, title, next_step="先预览、逐行核对，确认后整批导入", crumbs=(*above, *crumbs))


router = import_router(ImportRoom("/screening/imports", "import.make", KINDS, _offered, _page))
