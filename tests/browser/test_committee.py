"""The committee's, the chair's and a department's pages in Chromium, wide and narrow: one list decided by clicking."""

from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from deploy.stack import Stack
from services.ranking.rules import rules_for
from shared.kernel.ids import derived_id
from tests.browser.look import WIDTHS, looking, new_context
from tests.integration.ranking.committee import CATEGORY, CHAIRS, Committee, reviewed
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import People, ServiceProcess, eventually
from tests.pdfs import pdf

INDUSTRIES = ("智能家电", "海洋装备", "生物医药")
CASES = 14


def halves(case: int) -> list[int]:
    """Seven sheets that agree within a few points."""
    return [180 - 3 * case + sha256(f"{case}/{expert}".encode()).digest()[0] % 13 for expert in range(7)]


@pytest.fixture(scope="module")
def ranking(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(stack, "ranking", "services.ranking", tmp_path_factory.mktemp("ranking") / "log")
    process.start("migrate", "all")
    yield process
    process.stop()


@pytest.fixture(scope="module")
def committee(stack: Stack, ranking: ServiceProcess) -> Iterator[Committee]:
    rooms = Rooms(stack)
    found = Committee(rooms, People(stack), ranking.origin)
    yield found
    found.http.close()
    rooms.close()


@pytest.fixture(scope="module")
def stage(committee: Committee) -> UUID:
    """A ranking that waits for the committee."""
    rooms = committee.rooms
    entries = [
        reviewed(rooms, case, (sum(halves(case)), 14), halves=halves(case), industry=INDUSTRIES[case % 7 % 3])
        for case in range(1, CASES + 1)
    ]
    committee.cases = {one.number: one.case_id for one in entries}
    ref = rooms.hand_over("review", stage_ref("decision", CATEGORY, committee.category_id, committee.cycle_id), entries)
    rooms.start(ref)
    eventually(lambda: committee.stage(ref.stage_id).get("waits_for") == "co_chair", "nobody is waited for")
    eventually(lambda: committee.get(f"stages/{ref.stage_id}/stability").get("stability"), "not examined")
    return ref.stage_id


def signed_in(
    browser: Browser, stack: Stack, role: str, account: UUID, acts_for: tuple[UUID, ...] = ()
) -> BrowserContext:
    """Somebody with a fresh token, as office gives it."""
    context = new_context(browser)
    token = People(stack).token(role, account=account, acts_for=acts_for)
    context.add_cookies([{"name": "fb_token", "value": token, "url": stack.birth.page_origin}])
    return context


def seen(context: BrowserContext, url: str, name: str) -> None:
    """The page wide and narrow, as a picture, with nothing wrong about it."""
    with looking(context, url, name, WIDTHS[0]) as looked:
        assert looked.check_in_both_widths() == []


def test_a_list_is_decided_confirmed_and_consulted_by_clicking(
    browser: Browser, stack: Stack, committee: Committee, stage: UUID
) -> None:
    origin = stack.birth.page_origin
    first = signed_in(browser, stack, "co_chair", CHAIRS[0])
    seen(first, f"{origin}/committee", "committee-agenda")
    page = first.new_page()
    page.goto(f"{origin}/committee/stages/{stage}")
    _meeting_and_decisions(page)
    seen(first, f"{origin}/committee/stages/{stage}", "committee-stage")
    seen(first, f"{origin}/committee/stages/{stage}/stability", "committee-stability")
    seen(first, f"{origin}/committee/stages/{stage}/balance?propose=1", "committee-balance")
    _confirm(page)
    second = signed_in(browser, stack, "co_chair", CHAIRS[1])
    other = second.new_page()
    other.goto(f"{origin}/committee/stages/{stage}")
    _confirm(other)
    eventually(lambda: committee.stage(stage).get("state") == "closed", "the decision did not close")
    _consult(browser, stack, committee)
    for context in (first, second):
        context.close()


def _meeting_and_decisions(page: Page) -> None:
    page.get_by_label("地点").fill("演练会议室")
    page.get_by_label("出席席位").fill("指导委员会主任 甲\n指导委员会主任 乙")
    page.get_by_role("button", name="登记会议").click()
    assert page.locator("select[name^='decision.']").count() == CASES
    page.get_by_role("button", name="记录决定").click()
    assert "已入围 10 案" in page.inner_text("main")


def _confirm(page: Page) -> None:
    page.get_by_label("我已核对名单与全部理由").check()
    page.get_by_role("button", name="确认决定").click()
    assert "决定" in page.inner_text("main")


def _consult(browser: Browser, stack: Stack, committee: Committee) -> None:
    ref = committee.next_stage("consultation")
    committee.rooms.start(ref)
    eventually(lambda: committee.stage(ref.stage_id).get("departments"), "no letters were written")
    names = rules_for(ref.rulebook_id, ref.rulebook_digest, CATEGORY).consultation.departments
    department = signed_in(browser, stack, "department", uuid4(), (derived_id("department", names[0]),))
    url = f"{stack.birth.page_origin}/committee/consultations"
    seen(department, url, "department-consultation")
    page = department.new_page()
    page.goto(url)
    first, *others = page.locator("select[name^='reply.']").all()
    first.select_option("concern")
    case = (first.get_attribute("name") or "").removeprefix("reply.")
    page.locator(f"[name='text.{case}']").fill("演练：需核实一项处罚")
    page.locator(f"[name='file.{case}']").set_input_files(
        {"name": "说明.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    for one in others:
        one.select_option("no_objection")
    page.get_by_role("button", name="提交答复").click()
    assert page.get_by_role("link", name="附件").count() == 1
    letter = page.request.get(
        f"{stack.birth.page_origin}{page.get_by_role('link', name=names[0]).get_attribute('href')}"
    )
    assert letter.body().startswith(b"%PDF-")
    department.close()


def test_the_chair_sees_sheets_that_stand_out(browser: Browser, stack: Stack, stage: UUID) -> None:
    chair = signed_in(browser, stack, "review_chair", uuid4())
    origin = stack.birth.page_origin
    seen(chair, f"{origin}/committee/stages/{stage}/stability", "chair-stability")
    page = chair.new_page()
    page.goto(f"{origin}/committee/stability")
    page.get_by_role("link", name="新质领航企业").first.click()
    assert "值得核对的评分表" in page.inner_text("main")
    assert page.locator("figure.chart svg rect").count() > 10
    chair.close()
