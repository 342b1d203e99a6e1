"""Files that stand for evidence: a workbook restating published cells, and a PDF of an invented applicant.

Both are marked 演练 and are the same bytes at every run.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Font

from deploy.rehearsal.invented import InventedEnterprise
from deploy.rehearsal.published import PublishedEnterprise
from shared.infra.documents import render_pdf
from shared.rulebook import Category

_MADE: Final = datetime(2026, 1, 5)  # noqa: DTZ001 - a workbook's properties have no zone
_ZIP_MADE: Final = (2026, 1, 5, 0, 0, 0)


def published_workbook(enterprise: PublishedEnterprise, category: Category) -> bytes:
    """The published targets and actuals of one of the 28, restated."""
    book = Workbook()
    book.properties.created = book.properties.modified = _MADE
    sheet = book.worksheets[0]
    sheet.title = "演练"
    sheet.append(["演练材料：复述已公布的评价表，不是企业提交的文件"])
    sheet.append([enterprise.current_name, enterprise.credit_code, enterprise.form])
    sheet.append(["指标", "目标值", "完成值"])
    for indicator, target in enterprise.targets.items():
        sheet.append([_label(category, indicator), _cell(target), _cell(enterprise.actuals[indicator])])
    sheet["A1"].font = Font(bold=True, color="B3261E")
    sheet.column_dimensions["A"].width = 60
    written = io.BytesIO()
    book.save(written)
    return _undated(written.getvalue())


def invented_pdf(enterprise: InventedEnterprise, kind_label: str, category: Category, *, again: bool = False) -> bytes:
    """A page with the figures an invented applicant claims; `again` marks a corrected one."""
    title = f"{kind_label}（更正）" if again else kind_label
    return render_pdf(
        "evidence_sheet",
        {
            "title": title,
            "issuer": enterprise.name,
            "rehearsal": True,
            "footer": "演练材料",
            "sentence": f"{enterprise.name}为虚构的演练企业，以下数字由固定算法生成，不指任何真实单位。",
            "facts": [["统一社会信用代码（虚构）", enterprise.credit_code], *_claims(enterprise.figures, category)],
        },
    )


def _claims(figures: Mapping[str, Any], category: Category) -> list[list[str]]:
    return [[_fact_label(category, fact), _cell(value)] for fact, value in figures.items()]


def _fact_label(category: Category, fact_id: str) -> str:
    fact = category.fact(fact_id)
    return fact.label if fact is not None else fact_id


def _label(category: Category, indicator: str) -> str:
    item = category.scorecard.item(indicator, None) if category.scorecard else None
    return item.name if item is not None else indicator


def _cell(value: object) -> str:
    if value is None:
        return "/"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "、".join(value) if isinstance(value, list) else str(value)


def _undated(workbook: bytes) -> bytes:
    """The same workbook with fixed times in its archive, so that two runs give the same hash."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(zipfile.ZipInfo(member.filename, _ZIP_MADE), old.read(member), zipfile.ZIP_DEFLATED)
    return written.getvalue()
