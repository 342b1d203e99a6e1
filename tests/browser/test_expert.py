"""An expert's way in Chromium, wide and narrow: undertaking, workbench by keyboard, a cut line, signing, receipt."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.stack import Stack
from shared.infra.files import Files
from tests.browser.look import WIDTHS, looking, new_context
from tests.integration.review.neighbours import Neighbours
from tests.integration.review.scene import Scene
from tests.integration.servers import People, ServiceProcess


@pytest.fixture(scope="module")
def scene(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Review with its neighbours on the servers of these tests."""
    log = tmp_path_factory.mktemp("review") / "log"
    process = ServiceProcess(stack, "review", "services.review", log)
    process.start("migrate", "all")
    neighbours = Neighbours(stack)
    neighbours.start()
    submission = ServiceProcess(stack, "submission", "services.submission", log)
    found = Scene(process, People(stack), neighbours, Files(submission.settings()))
    yield found
    found.close()
    neighbours.stop()
    process.stop()


Called = tuple[Scene, UUID, list[Any]]


@pytest.fixture(scope="module")
def called(scene: Scene) -> Called:
    """A panel whose members were just called."""
    scene.record_pool(6)
    ref = scene.hand_over(2)
    scene.neighbours.start_stage("PanelReview", ref)
    scene.until(ref.stage_id, "pooling", "office")
    scene.freeze(ref.stage_id)
    scene.draw(ref.stage_id)
    scene.until(ref.stage_id, "undertaking", "expert")
    scene.record_custodians()
    return scene, ref.stage_id, scene.members(ref.stage_id, "called")


def signed_in(
    browser: Browser, stack: Stack, scene: Scene, role: str, account: UUID, *acts_for: UUID
) -> BrowserContext:
    context = new_context(browser)
    token = scene.people.token(role, account=account, acts_for=acts_for)
    context.add_cookies([{"name": "fb_token", "value": token, "url": stack.birth.page_origin}])
    return context


def test_expert_undertakes_scores_by_keyboard_through_a_cut_line_and_signs(
    browser: Browser, stack: Stack, called: Called
) -> None:
    scene, stage, members = called
    experts = dict(zip(WIDTHS, (UUID(one["expert_id"]) for one in members), strict=False))
    contexts = {width: signed_in(browser, stack, scene, "expert", uuid4(), one) for width, one in experts.items()}
    home = f"{stack.birth.page_origin}/expert"
    for width, context in contexts.items():
        with looking(context, home, "expert-undertaking", width) as looked:
            looked.save()
            assert looked.check() + looked.walk() == []
            looked.page.get_by_label("我已阅读并作出以上承诺").check()
            looked.page.get_by_role("button", name="提交答复").click()
            expect(looked.page.get_by_text("已签署", exact=False).first).to_be_visible()
    scene.all_undertake(stage)
    scene.until(stage, "scoring")
    for width, context in contexts.items():
        case = scene.tasks(stage, str(experts[width]))[0]["case_id"]
        with looking(context, f"{home}/tasks/{case}", "expert-workbench", width) as looked:
            assert looked.check() + looked.walk() == []
            score_by_keyboard(looked.page, context)
            looked.troubles.clear()  # the cut line was complained about
            looked.save()
            sign(looked.page)
            expect(looked.page.get_by_text("签署回执").first).to_be_visible()
            looked.name = "expert-receipt"
            looked.save()
            assert looked.check() == []
    for context in contexts.values():
        context.close()

    assert scene.panel(stage)["signed"] == len(WIDTHS)


def score_by_keyboard(page: Page, context: BrowserContext) -> None:
    state = page.locator("[data-save-state]")
    first = page.locator("input[name='judgement.core_technology']")
    first.focus()
    page.keyboard.type("20.5")
    expect(state).to_have_attribute("data-save-state", "saved")
    context.set_offline(True)
    page.keyboard.press("Enter")
    page.keyboard.type("9.5")
    expect(state).to_have_attribute("data-save-state", "failed")
    context.set_offline(False)
    expect(state).to_have_attribute("data-save-state", "saved")
    page.reload()
    expect(page.locator("input[name='judgement.integrity']")).to_have_value("9.5")
    expect(first).to_have_value("20.5")


def sign(page: Page) -> None:
    page.locator("input[name='judgement.integrity']").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.get_by_role("button", name="签署", exact=True).press("Enter")
    page.wait_for_load_state()


def test_custodians_and_findings_pages_are_sound(browser: Browser, stack: Stack, called: Called) -> None:
    scene, stage, _ = called
    office = signed_in(browser, stack, scene, "office", scene.office_id)
    chair = signed_in(browser, stack, scene, "review_chair", scene.chair_id)
    pages = {
        "custody": (chair, "/expert/custody"),
        "panel-custody": (chair, f"/expert/panels/{stage}/custody"),
        "findings": (office, f"/expert/panels/{stage}/findings"),
        "panel": (office, f"/expert/panels/{stage}"),
        "meeting": (office, f"/expert/panels/{stage}/meeting"),
    }
    for name, (context, path) in pages.items():
        with looking(context, stack.birth.page_origin + path, f"review-{name}", WIDTHS[0]) as looked:
            assert looked.check_in_both_widths() == [], name
    office.close()
    chair.close()
