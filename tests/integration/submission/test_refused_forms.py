"""Forms of portal and desk, sent wrong: they come back where they stand, each error beside its field."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.office.test_refused_forms import troubles
from tests.integration.servers import key
from tests.integration.submission.desk import API, PDF, Desk, good, refused
from tests.integration.submission.test_imports import filled, upload
from tests.integration.submission.test_pages import Browser

LONG = "长" * 4001
WRONG: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("{case}/findings", {"source": LONG, "finding": LONG}, {"kind": "on_site", "found_on": "2026-02-10"}),
    ("{case}/questions", {"question": LONG}, {}),
    ("{case}/decision", {"reason": LONG}, {"decision": "reject", "article": "第十九条", "expected_version": "1"}),
    ("{case}/disqualify", {"reason": LONG}, {"article": "第十九条"}),
    ("{own}/withdraw", {"reason": LONG}, {}),
    ("{own}/evidence", {"page": "十二"}, {"kind": "audit_report"}),
    ("/screening/bulk/assign", {"note": LONG}, {"assignee": "me", "back": "/screening/cases?sort=name"}),
    ("/screening/paper", {"name": LONG, "credit_code": LONG}, {"paper_on": "2026-02-10", "stage_id": str(uuid4())}),
]
"""Where a form goes, what is typed wrong into it, and what is chosen beside."""
SEEN = {"kind", "found_on", "decision", "article", "assignee", "paper_on"}
TAKEN = re.compile(r" selected| checked|type=\"date\"")


@pytest.fixture(scope="module")
def paths(desk: Desk) -> dict[str, str]:
    """A case of an enterprise as the desk sees it, and a draft as its applicant sees it."""
    place, one = desk.category(), desk.enterprise()
    window = desk.begin(place)
    filed, other = desk.file(one, window), desk.enterprise()
    draft = good(desk.open(other, window))["case_id"]
    desk.begin(place, "screening")
    found = {"case": f"/screening/cases/{filed}", "own": f"/portal/applications/{draft}"}
    return {**found, "applicant": other.enterprise_id}


@pytest.fixture
def office(desk: Desk) -> Iterator[Browser]:
    """The office at its desk."""
    browser = Browser(desk, "office")
    yield browser
    browser.client.close()


def sent(desk: Desk, paths: dict[str, str], path: str, fields: dict[str, Any]) -> Any:
    """What a form answers that was sent as a browser sends it."""
    own = "{own}" in path
    browser = Browser(desk, *(("enterprise",) if own else ("office",)), acts_for=(UUID(paths["applicant"]),) * own)
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.open(paths["own" if own else "case"]))
    assert csrf
    files = {"file": ("审计报告.pdf", PDF)} if path.endswith("evidence") else None
    answer = browser.client.post(
        path.format(**paths), data={"csrf": csrf[1], "key": uuid4().hex, **fields}, files=files
    )
    browser.client.close()
    return answer


@pytest.mark.parametrize(("path", "typed", "chosen"), WRONG, ids=[one[0] for one in WRONG])
def test_a_form_sent_wrong_comes_back_with_each_error_beside_its_field_and_all_that_was_typed(
    desk: Desk, paths: dict[str, str], path: str, typed: dict[str, str], chosen: dict[str, str]
) -> None:
    page = sent(desk, paths, path, {**typed, **chosen})

    assert troubles(page, typed) == []
    kept = [chosen[name] for name in SEEN & set(chosen)]
    shown = re.findall(r"<(?:input|option)[^>]*>", page.text)
    assert [one for one in kept if not any(f'value="{one}"' in tag for tag in shown if TAKEN.search(tag))] == []


def test_acts_in_bulk_without_a_case_or_without_the_tick_come_back_to_the_same_queue(
    desk: Desk, paths: dict[str, str], office: Browser
) -> None:
    queue, case_id = "/screening/cases?sort=-name", paths["case"].rsplit("/", 1)[1]
    office.open(queue)

    none = office.send("/screening/bulk/assign", status=422, assignee="me")
    office.open(queue)
    hidden = office._hidden("/screening/bulk/assign")
    unconfirmed = office._post("/screening/bulk/pass", {**hidden, "case": [case_id]}, 422)

    assert "请在列表中勾选要办理的案件" in none
    assert "请先逐案核对，并勾选确认" in unconfirmed
    assert re.search(rf'name="case" value="{case_id}" checked', unconfirmed), "what was chosen stays chosen"
    assert 'aria-sort="descending"' in unconfirmed


def test_a_sign_that_nobody_sees_is_refused_in_a_title_by_json_form_and_import_alike(desk: Desk) -> None:
    stage, title = desk.begin(desk.category("economic_event"), "nomination"), "演练\u202e事件"
    path, media = f"/portal/nominations/{stage}", Browser(desk, "media")
    facts = {"event_summary": "演练", "happened_in_qingdao": True, "happened_in_award_year": True}
    body = {"title": title, "figures": facts}
    content = filled("nominations", "economic_event", [{"title": title, "event_summary": "演练"}])

    told = desk.person("media").post(f"{API}/nominations/{stage}", json=body, headers=key())
    imported = good(upload(desk.person("media", account=uuid4()), "nominations", stage, content))
    media.open("/portal")
    page = media.send(path, status=422, title=title, event_summary="演练")

    refused(told, 422, "unseen_sign")
    assert "U+202E" in str(imported)
    assert 'id="f-title-error"' in page
    assert "看不见的字符（U+202E）" in page
    media.client.close()


@pytest.mark.parametrize(
    "path",
    ["/portal/applications/x", "/portal/calls/x", "/portal/investigations/x", "/screening/cases/x", "/screening/x",
     "/screening/cases/x/disqualify", "/screening/targets/x", "/screening/x/selection", "/screening/imports/x"],
)  # fmt: skip
def test_an_address_with_no_id_where_one_belongs_is_a_page_that_is_not_there(desk: Desk, path: str) -> None:
    everybody = Browser(desk, "enterprise", "office", "department", acts_for=(uuid4(),))

    answer = everybody.client.get(path)

    assert (answer.status_code, "没有这个页面" in answer.text) == (404, True)
    everybody.client.close()
