"""Imports from workbooks: every fault in its place, all or nothing, the same file twice changes nothing."""

import io
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from openpyxl import load_workbook

from services.submission.imports.kinds import columns_of
from shared.infra.rulebooks import load_shipped
from shared.infra.workbook_rows import import_template
from shared.kernel.credit_code import make_credit_code
from tests.integration.servers import key
from tests.integration.submission.desk import API, FIGURES, GIANT, QINGDAO, Desk, good, refused
from tests.integration.submission.test_pages import Browser

TRADE: dict[str, Any] = {
    "registered_in_qingdao": "是",
    "trade_amount_this_year": 3000,
    "trade_amount_last_year": 2500,
    "general_violations": 0,
}


def filled(kind: str, category_key: str, rows: list[dict[str, Any]], book: str = QINGDAO) -> bytes:
    """The template of a kind with rows in it, as somebody fills it in with a spreadsheet."""
    category = load_shipped()[book].category(category_key)
    columns = [column.id for column in columns_of(kind, category)]
    workbook = load_workbook(io.BytesIO(import_template("演练", columns_of(kind, category))))
    for row in rows:
        assert set(row) <= set(columns), set(row) - set(columns)
        workbook.worksheets[0].append([row.get(column) for column in columns])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def code(number: int) -> str:
    return make_credit_code(f"91370200{number:09d}")


def upload(client: httpx.Client, kind: str, stage_id: UUID, content: bytes) -> httpx.Response:
    return client.post(f"{API}/imports/{kind}/{stage_id}", content=content, params={"name": "演练.xlsx"}, headers=key())


def commit(client: httpx.Client, import_id: str) -> httpx.Response:
    return client.post(f"{API}/imports/{import_id}/commit", headers=key())


def trade(number: int, **more: Any) -> dict[str, Any]:
    return {
        "name": f"演练贸易企业{number}",
        "credit_code": code(810_000 + number),
        "variant": _variant(),
        **TRADE,
        **more,
    }


def _variant() -> str:
    return load_shipped()[QINGDAO].category("trade_pioneer").variants[0].name


def test_customs_statistics_come_in_whole_and_once(desk: Desk) -> None:
    place = desk.category("trade_pioneer")
    stage = desk.begin(place, "intake")
    content = filled("intake", "trade_pioneer", [trade(1), trade(2, trade_amount_this_year="3,000.5")])
    wrong = good(upload(desk.office, "intake", stage, content))
    assert [(fault["place"], fault["row"]) for fault in wrong["faults"]] == [("导入!H6", 6)]
    refused(commit(desk.office, wrong["import_id"]), 409, "import_faults")

    content = filled("intake", "trade_pioneer", [trade(1), trade(2)])
    seen = good(upload(desk.office, "intake", stage, content))
    assert (seen["rows"], seen["faults"], seen["committed_at"]) == (2, [], None)
    assert _cases(desk, place.category_id) == []
    done = good(commit(desk.office, seen["import_id"]))
    again = good(upload(desk.office, "intake", stage, content))

    assert done["rows"] == 2
    assert (again["import_id"], again["committed_at"]) == (seen["import_id"], done["committed_at"])
    assert good(commit(desk.office, again["import_id"]))["committed_at"] == done["committed_at"]
    assert _cases(desk, place.category_id) == ["演练贸易企业1", "演练贸易企业2"]


def _cases(desk: Desk, category_id: UUID) -> list[str]:
    page = good(desk.office.get(f"{API}/cases", params={"category": str(category_id)}))
    return [case["subject"]["name"] for case in page["cases"]]


def test_faults_stand_in_their_cells_and_come_back_in_the_same_workbook(desk: Desk) -> None:
    stage = desk.begin(desk.category("trade_pioneer"), "intake")
    rows = [trade(11), trade(11), trade(12, credit_code="91370200MA00000000"), trade(13, name=None), trade(14)]
    rows[4]["trade_amount_last_year"] = "=1+1"
    office = Browser(desk, "office")
    office.open("/screening/imports")
    page = office.send(
        f"/screening/imports/intake/{stage}", files={"file": ("演练.xlsx", filled("intake", "trade_pioneer", rows))}
    )

    assert "现在没有导入任何一行" in page
    assert "已登记，不能重复" in page
    path = page.split("/screening/imports/")[1:]
    import_id = next(part[:36] for part in path if part[36:].startswith("/reasons.xlsx"))
    book = load_workbook(io.BytesIO(office.client.get(f"/screening/imports/{import_id}/reasons.xlsx").content))
    sheet = book.worksheets[0]
    reasons = {row[0].row: row[-1].value for row in sheet.iter_rows(min_row=3)}
    assert reasons[3] == "错误原因"
    assert reasons[5] is None
    assert "已登记" in reasons[6]
    assert "信用代码" in reasons[7]
    assert "必填" in reasons[8]
    assert "公式" in reasons[9]
    office.client.close()


@pytest.mark.parametrize(
    ("content", "status", "refusal"),
    [
        (b"no workbook", 422, "not_a_workbook"),
        (b"x" * (5 * 1024 * 1024 + 1), 422, "workbook_too_large"),
        (filled("nominations", "economic_event", [{"title": "演练"}]), 422, "not_a_template"),
        (filled("intake", "trade_pioneer", []), 422, "no_rows"),
    ],
)
def test_what_is_no_filled_template_is_refused(desk: Desk, content: bytes, status: int, refusal: str) -> None:
    stage = desk.begin(desk.category("trade_pioneer"), "intake")

    refused(upload(desk.office, "intake", stage, content), status, refusal)
    refused(upload(desk.office, "targets", stage, content), 422, "wrong_stage")
    refused(upload(desk.person("media"), "intake", stage, content), 403, "not_allowed")


def test_media_import_nominations_and_see_their_own_only(desk: Desk) -> None:
    place = desk.category("economic_event")
    stage = desk.begin(place, "nomination")
    medium = desk.person("media", account=uuid4())
    facts = {"event_summary": "演练", "happened_in_qingdao": "是", "happened_in_award_year": "是"}
    content = filled("nominations", "economic_event", [{"title": f"演练事件{number}", **facts} for number in (1, 2)])

    seen = good(upload(medium, "nominations", stage, content))
    good(commit(medium, seen["import_id"]))

    assert _cases(desk, place.category_id) == ["演练事件1", "演练事件2"]
    refused(desk.person("media").get(f"{API}/imports/{seen['import_id']}"), 404, "not_found")
    refused(commit(desk.office, seen["import_id"]), 404, "not_found")


def test_targets_are_imported_until_they_are_locked(desk: Desk) -> None:
    place = desk.category("little_giant", GIANT)
    window = desk.begin(place)
    one = desk.enterprise()
    entry = next(
        each for each in good(desk.office.get(f"{API}/enterprises")) if each["enterprise_id"] == one.enterprise_id
    )
    category = load_shipped()[GIANT].category("little_giant")
    figures = {fact.id: _example(fact) for fact in category.facts if fact.filled_by == "office"}
    content = filled("targets", "little_giant", [{"credit_code": entry["credit_code"], **figures}], GIANT)

    seen = good(upload(desk.office, "targets", window, content))
    assert seen["faults"] == []
    good(commit(desk.office, seen["import_id"]))

    unknown = filled("targets", "little_giant", [{"credit_code": code(999_999), **figures}], GIANT)
    assert "没有找到这家企业" in good(upload(desk.office, "targets", window, unknown))["faults"][0]["reason"]


def _example(fact: Any) -> Any:
    if fact.type == "boolean":
        return "是"
    if fact.allowed:
        return fact.allowed[0].label
    return "演练" if fact.type == "text" else max(1, int(fact.min or 0))


def test_filings_on_paper_are_imported_as_drafts_marked_so(desk: Desk) -> None:
    place = desk.category()
    window = desk.begin(place)
    office = Browser(desk, "office")
    received = office.open("/screening/paper").split('name="paper_on" type="date" value="', 1)[1][:10]
    office.client.close()
    labels = {"registered_in_qingdao": "是", "core_technology_claimed": "是"}
    category = load_shipped()[QINGDAO].category("new_quality_pioneer")
    for name in ("industry_class", "titles_valid"):
        fact = category.fact(name)
        assert fact is not None
        labels[name] = next(choice.label for choice in fact.allowed if choice.value in str(FIGURES[name]))
    figures = {**{name: value for name, value in FIGURES.items() if value is not None}, **labels}
    row = {"name": "演练纸质企业", "credit_code": code(820_001), "paper_on": received, **figures}
    content = filled("applications", "new_quality_pioneer", [row])

    seen = good(upload(desk.office, "applications", window, content))
    assert seen["faults"] == []
    good(commit(desk.office, seen["import_id"]))

    again = filled(
        "applications", "new_quality_pioneer", [row, {**row, "credit_code": code(820_002), "name": "演练纸质企业二"}]
    )
    faults = good(upload(desk.office, "applications", window, again))["faults"]
    assert [fault["row"] for fault in faults] == [5]
    assert "已有申报" in faults[0]["reason"]
