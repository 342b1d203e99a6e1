"""审计: who did what, found, paged and taken away by the auditor alone, and whether it is what the ledger holds."""

import csv
import io
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.integration.office.desk import Desk, desk
from tests.integration.office.neighbours import Office
from tests.integration.servers import eventually

PAGE = "/office/audit"


@pytest.fixture
def auditor(office: Office) -> Iterator[Desk]:
    with desk(office, "auditor1") as found:
        yield found


def held(office: Office) -> str:
    """Something that was just done: the reason stands in its audit row alone."""
    reason = f"演练 {uuid4().hex[:8]}"
    with desk(office, "office1") as clerk:
        clerk.send("/office/deliveries/hold", reason=reason)
        clerk.send("/office/deliveries/release")
    return reason


def rows_of(page: str) -> list[str]:
    body = re.search(r'<table class="figures" id="audit".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert body is not None
    return re.findall(r"<tr>.*?</tr>", body[1], re.DOTALL)


def test_the_auditor_finds_an_act_by_what_who_and_when_and_nobody_else_may(office: Office, auditor: Desk) -> None:
    reason = held(office)
    wanted = {"source": "office", "action": "outbox.held", "person": "office1"}

    found = auditor.get(PAGE, **wanted)
    others = [office.get(login, PAGE).status_code for login in ("office1", "operator1", "security1", "supervisor1")]

    rows = [row for row in rows_of(found.text) if reason in row]
    assert len(rows) == 1
    assert "office1" in rows[0]
    assert "办公室" in rows[0]
    assert reason not in auditor.get(PAGE, **{**wanted, "person": "office2"}).text
    assert reason not in auditor.get(PAGE, **{**wanted, "until": "2020-01-01"}).text
    assert others == [403, 403, 403, 403]


def test_services_that_do_not_answer_are_named_and_a_file_is_refused_rather_than_incomplete(auditor: Desk) -> None:
    page = auditor.get(PAGE)
    file = auditor.get(PAGE, format="csv")

    assert "没有应答的服务：申报与初审、专家审查、排序与决定、公示与发布。" in page.text
    assert file.status_code == 409
    assert "导出会不完整" in file.text


def test_pages_follow_each_other_without_a_gap_and_the_file_has_them_all(office: Office, auditor: Desk) -> None:
    for _ in range(30):
        held(office)
    path, shown = f"{PAGE}?source=office&action=outbox", []
    while path:
        page = auditor.client.get(path).text
        shown += rows_of(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""

    file = auditor.get(PAGE, source="office", action="outbox", format="csv")
    lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(shown) == len(lines) - 1 >= 60
    assert len({row for row in shown if "演练" in row}) == len([row for row in shown if "演练" in row])


def test_every_wrong_filter_is_said_beside_its_field(auditor: Desk) -> None:
    wrong = {"case": "QD-0000", "person": "nobody", "since": "2026-13-01", "until": "soon", "action": "DROP TABLE"}

    page = auditor.get(PAGE, source="elsewhere", **wrong)
    moved = auditor.get(PAGE, before="2026-02-30 office x")

    assert page.status_code == 422
    assert "有 6 处需要更正" in page.text
    assert all(f'value="{typed}"' in page.text for typed in wrong.values())
    assert "翻页的位置无效" in moved.text


def test_a_row_that_was_changed_afterwards_is_seen(office: Office, auditor: Desk) -> None:
    reason = held(office)
    path = {"source": "office", "action": "outbox.held"}

    def stands() -> str:
        row = next(row for row in rows_of(auditor.get(PAGE, **path).text) if reason in row)
        return re.findall(r'class="badge \w+">([^<]+)<', row)[-1]

    eventually(lambda: stands() == "相符", "the row did not come into the ledger")
    office.change("UPDATE infra.audit SET actor_id = NULL WHERE details->>'reason' = $1", reason)

    assert stands() == "不符"


def test_the_whole_ledger_is_computed_again(office: Office, auditor: Desk) -> None:
    held(office)
    change = "UPDATE ledger_entry SET digest = $1 WHERE index = 2"
    kept = office.get("auditor1", "/api/office/ledger/entries", params={"from": 2, "limit": 1}).json()[0]["digest"]

    before = auditor.get(f"{PAGE}/ledger").text
    office.change(change, "f" * 64)
    broken = auditor.get(f"{PAGE}/ledger").text
    office.change(change, kept)

    assert "总账相符" in before
    assert "第 2 条与之前的记录不衔接" in broken
    assert "总账相符" in auditor.get(f"{PAGE}/ledger").text
    assert office.get("office1", f"{PAGE}/ledger").status_code == 403
