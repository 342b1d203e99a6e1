"""Experts from a workbook: a row records or corrects an expert of a pool."""

from uuid import UUID

from services.review.actions.pool import record_expert
from services.review.rulebooks import pool_names
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.infra.workbook_rows import SheetColumn
from shared.web.importing.acts import ImportKind, Prepared, Values


async def _prepare(_tx: Tx, _place: UUID) -> Prepared:
    names = pool_names(load_shipped().values())
    columns = (
        SheetColumn("name", "姓名", required=True),
        SheetColumn("login", "账号", required=True),
        SheetColumn("pool", "专家库", required=True, options=tuple(names.values())),
        SheetColumn("employer", "工作单位", required=True),
        SheetColumn("employer_code", "单位信用代码"),
    )

    async def take_over(tx: Tx, values: Values, _source: str) -> UUID:
        texts = {name: str(values[name]).strip() for name in values}
        pool = {name: key for key, name in names.items()}.get(texts["pool"], texts["pool"])
        return await record_expert(
            tx,
            names,
            login=texts["login"],
            name=texts["name"],
            pool=pool,
            employer=texts["employer"],
            employer_code=texts.get("employer_code"),
        )

    return Prepared("专家库", columns, take_over, {})


KINDS = {
    "experts": ImportKind("experts", "专家库", "pool.manage", "导入后即入库；已在库的按账号更新，不会重复。", _prepare)
}
