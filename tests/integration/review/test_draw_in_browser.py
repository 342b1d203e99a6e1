"""A draw from the list to the panel in Chromium: office and supervisor in windows of their own, wide and narrow."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from services.review.verify_draw import commitment_to
from shared.kernel.credit_code import make_credit_code
from tests.browser.look import WIDTHS, looking, new_context
from tests.integration.review.scene import Scene

CHROMIUM = Path("/usr/bin/chromium")
APPLICANT = make_credit_code("91370200000000001")
SECRETS = {"office": "5c" * 32, "supervisor": "a3" * 32}


@pytest.fixture(scope="module")
def stage(scene: Scene) -> Iterator[UUID]:
    """A panel that waits for its list, with two experts who may not judge its first case."""
    experts = scene.record_pool(6, {"media-00": APPLICANT})
    tie = {"kind": "past_consulting", "credit_code": APPLICANT, "evidence": "2025年咨询合同"}
    scene.post(scene.office, f"/experts/{experts[1]}/ties", tie)
    ref = scene.hand_over(2)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(ref.stage_id, "pooling", "office")
    yield ref.stage_id
    contest = {"expert_id": str(experts[1]), **tie, "reason": "合同已解除"}
    found = scene.post(scene.office, "/contests", contest)["contest_id"]
    scene.post(scene.second, f"/contests/{found}/ruling", {"lifted": True, "reason": "已核实"})


@pytest.fixture(scope="module")
def browser(stage: UUID) -> Iterator[Browser]:
    """Started after the cases were handed over: nothing else may run a loop in this thread then."""
    assert stage
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser, scene: Scene) -> Iterator[Callable[..., BrowserContext]]:
    """A signed-in person's window."""
    opened = []

    def of(role: str, account: UUID, *acts_for: UUID) -> BrowserContext:
        context = new_context(browser)
        token = scene.people.token(role, account=account, acts_for=acts_for)
        context.add_cookies([{"name": "fb_token", "value": token, "url": scene.process.stack.birth.page_origin}])
        opened.append(context)
        return context

    yield of
    for context in opened:
        context.close()


def look(context: BrowserContext, scene: Scene, path: str, name: str) -> str:
    """A page in both widths, sound and walked by keyboard; returns its text."""
    with looking(context, scene.process.stack.birth.page_origin + path, f"review-{name}", WIDTHS[0]) as looked:
        assert looked.check_in_both_widths() == []
        return looked.page.inner_text("main")


def fill(context: BrowserContext, scene: Scene, path: str, button: str, **fields: str) -> Page:
    """Fill the form with this button and send it."""
    page = context.new_page()
    page.goto(scene.process.stack.birth.page_origin + path)
    form = page.locator("form", has=page.get_by_role("button", name=button, exact=True))
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    form.get_by_role("checkbox").last.check()
    form.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state("load")
    return page


def test_office_and_supervisor_draw_a_panel_on_the_page(
    scene: Scene, stage: UUID, window: Callable[..., BrowserContext]
) -> None:
    path = f"/expert/panels/{stage}/draw"
    office, supervisor = window("office", scene.office_id), window("supervisor", scene.other_id)

    look(office, scene, "/expert/pool", "pool")
    conflicts = look(office, scene, f"/expert/panels/{stage}/conflicts", "conflicts")
    before = look(office, scene, path, "draw-freeze")
    fill(office, scene, path, "固定名单")
    listed = scene.phase(stage, "committing")["list_digest"]
    for party, context in (("office", office), ("supervisor", supervisor)):
        look(context, scene, path, f"draw-commit-{party}")
        fill(context, scene, path, "提交", commitment=commitment_to(listed, party, SECRETS[party]))
    scene.phase(stage, "revealing")
    wrong = fill(office, scene, path, "公开", secret="00" * 32)
    expect(wrong.locator(".error").first).to_contain_text("密值与本方承诺值不符")
    fill(office, scene, path, "公开", secret=SECRETS["office"])
    waiting = look(supervisor, scene, path, "draw-reveal")
    fill(supervisor, scene, path, "公开", secret=SECRETS["supervisor"])
    scene.phase(stage, "drawn")
    drawn = look(office, scene, path, "draw-drawn")
    panel = look(office, scene, f"/expert/panels/{stage}", "panel")
    past = look(office, scene, f"/expert/pool/{scene.members(stage)[0]['expert_id']}", "pool-expert")

    assert "所在单位为参评对象" in conflicts
    assert "2025年咨询合同" in conflicts
    assert "固定抽取名单" in before
    assert "待公开" in waiting
    assert SECRETS["office"][:8] not in waiting.replace(" ", "")
    assert "verify_draw.py" in drawn
    assert "签署承诺书" in panel
    assert "待签承诺书" in past


def test_an_expert_declares_a_tie_on_the_page(scene: Scene, window: Callable[..., BrowserContext]) -> None:
    expert = scene.record_pool(1)[0]
    context = window("expert", uuid4(), expert)

    page = context.new_page()
    page.goto(f"{scene.process.stack.birth.page_origin}/expert/ties")
    page.locator("[name=kind]").select_option("association_post")
    page.locator("[name=credit_code]").fill(make_credit_code("91370200888888888"))
    page.locator("[name=evidence]").fill("行业协会副会长")
    page.get_by_role("button", name="申报").click()

    assert "行业协会副会长" in look(context, scene, "/expert/ties", "ties")
