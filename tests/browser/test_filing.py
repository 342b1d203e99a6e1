"""An enterprise in a real browser, wide and narrow: registers, writes, loses its session, goes on, files, mends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.stack import Stack
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import derived_id
from tests.browser.look import SCREENSHOTS, WIDTHS, Looked, new_context
from tests.integration.office.neighbours import PASSWORD, Office
from tests.integration.servers import eventually
from tests.integration.submission.desk import API, FIGURES, Desk, Enterprise, good

WALKED = ("call", "inbox", "receipt")
SAVED = re.compile(r"已保存 \d\d:\d\d")


@dataclass
class Applicant:
    """A person at a window, and what they were given."""

    origin: str
    context: BrowserContext
    width: int
    login: str
    code: str
    name: str

    def window(self, path: str = "") -> Page:
        """One more window."""
        page = self.context.new_page()
        page.set_viewport_size({"width": self.width, "height": 900})
        if path:
            page.goto(self.origin + path)
        return page

    def look_at(self, page: Page, name: str) -> None:
        """Keep a picture, and refuse a page that is unsound or that a keyboard does not reach."""
        looked = Looked(page, f"filing-{name}", self.width)
        assert looked.check() == []
        looked.save()
        assert name not in WALKED or looked.walk() == []
        assert (SCREENSHOTS / f"filing-{name}-{self.width}.png").exists()

    def sign_in(self, page: Page) -> None:
        """Fill in the sign-in form of the page."""
        page.get_by_label("账号").fill(self.login)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()


@pytest.fixture(params=[pytest.param(WIDTHS[0], marks=pytest.mark.deep), WIDTHS[1]])
def applicant(request: pytest.FixtureRequest, browser: Browser, stack: Stack, desk: Desk) -> Iterator[Applicant]:
    """Somebody new, at a wide window and at a narrow one."""
    assert desk
    number = uuid4().int % 10**9
    context = new_context(browser)
    code = make_credit_code(f"91370200{number:09d}")
    yield Applicant(stack.birth.page_origin, context, request.param, f"p-{number}", code, f"演练企业{number}")
    context.close()


def register(applicant: Applicant, office: Office, page: Page) -> None:
    """From the registration form to a person who is signed in; the office confirms in between."""
    page.goto(f"{applicant.origin}/account/register")
    for label, value in {
        "统一社会信用代码": applicant.code,
        "企业名称": applicant.name,
        "联系人": "演练联系人",
        "手机": "13800000000",
        "电子邮箱": "drill@example.cn",
    }.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="提交注册申请").click()
    expect(page.get_by_text("等待办公室确认")).to_be_visible()
    rows = good(office.get("office1", "/api/office/registrations"))
    row = next(one for one in rows if one["credit_code"] == applicant.code)
    good(office.post("office1", f"/api/office/registrations/{row['registration_id']}/confirm"))
    page.reload()
    page.get_by_role("link", name="设置账号和密码").click()
    page.get_by_label("账号").fill(applicant.login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="设置账号").click()
    applicant.sign_in(page)
    page.wait_for_url("**/portal")


def fill(page: Page, name: str, value: str) -> None:
    """Write into a field of the form by its name, as a person does."""
    field = page.locator(f'#figures [name="{name}"]').first
    if field.evaluate("e => e.tagName") == "SELECT":
        field.select_option(value)
    elif field.get_attribute("type") == "checkbox":
        page.locator(f'#figures [name="{name}"][value="{value}"]').check()
    else:
        field.fill(value)


def person_of(desk: Desk, applicant: Applicant) -> Enterprise:
    """The applicant as a program."""
    enterprise_id = derived_id("enterprise", applicant.code)
    return Enterprise(str(enterprise_id), applicant.name, desk.person("enterprise", acts_for=[enterprise_id]))


def kept(desk: Desk, applicant: Applicant, case_id: str) -> dict[str, object]:
    """The figures on the server."""
    figures: dict[str, object] = good(person_of(desk, applicant).client.get(f"{API}/applications/{case_id}"))["figures"]
    return figures


def test_a_form_survives_a_lost_session_two_windows_and_a_rectification(
    applicant: Applicant, office: Office, desk: Desk
) -> None:
    place = desk.category()
    window = desk.begin(place)
    page = applicant.window()
    register(applicant, office, page)
    eventually(lambda: page.reload() and page.get_by_role("button", name="开始填报").count() > 0, "no enterprise yet")
    applicant.look_at(page, "calls")
    page.goto(f"{applicant.origin}/portal/calls/{window}")
    page.locator("#f-registered_in_qingdao").select_option("false")
    page.get_by_role("button", name="自查").click()
    expect(page.get_by_text("暂不能申报本项目")).to_be_visible()
    applicant.look_at(page, "call")
    page.get_by_role("button", name="开始填报").click()
    page.wait_for_url("**/portal/applications/*")
    case_id = page.url.rsplit("/", 1)[1]
    state = page.locator("[data-save-state]")

    fill(page, "revenue_this_year", "2000")
    expect(state).to_have_text(SAVED)
    fill(page, "revenue_last_year", "一千八")
    expect(page.locator(".field", has=page.locator("#f-revenue_last_year"))).to_contain_text("应为数字")
    expect(page.get_by_text("有 1 处需要更正")).to_be_visible()
    applicant.look_at(page, "autosaved")
    page.reload()
    expect(page.locator("#f-revenue_last_year")).to_have_value("一千八")

    applicant.context.clear_cookies()
    fill(page, "revenue_last_year", "1800")
    expect(state).to_contain_text("登录已结束")
    applicant.look_at(page, "signed-out")
    page.get_by_role("link", name="重新登录后自动保存").click()
    applicant.sign_in(page)
    page.wait_for_url("**/portal/applications/*")
    expect(state).to_have_text(SAVED)
    expect(page.locator("#f-revenue_last_year")).to_have_value("1800")
    assert kept(desk, applicant, case_id) == {"revenue_this_year": "2000", "revenue_last_year": "1800"}

    other = applicant.window(f"/portal/applications/{case_id}")
    fill(other, "rd_expense_this_year", "123.45")
    fill(other, "revenue_this_year", "2100")
    expect(other.locator("[data-save-state]")).to_have_text(SAVED)
    fill(page, "revenue_this_year", "2200")
    clash = page.locator('[data-clash="revenue_this_year"]')
    expect(clash).to_contain_text("2100 万元")
    expect(page.locator("#f-rd_expense_this_year")).to_have_value("123.45")
    applicant.look_at(page, "two-windows")
    clash.get_by_role("button", name="保留我填的").click()
    expect(state).to_have_text(SAVED)
    other.close()
    assert kept(desk, applicant, case_id)["revenue_this_year"] == "2200"

    applicant.context.set_offline(True)
    fill(page, "rd_expense_last_year", "100")
    expect(state).to_contain_text("未能保存，正在重试")
    applicant.context.set_offline(False)
    expect(state).to_have_text(SAVED)
    fill(page, "rd_expense_two_years_ago", "90")
    page.get_by_role("link", name="退出").click()
    page.wait_for_url(f"{applicant.origin}/")
    assert kept(desk, applicant, case_id)["rd_expense_two_years_ago"] == "90"
    page.goto(f"{applicant.origin}/portal/applications/{case_id}")
    applicant.sign_in(page)
    page.wait_for_url("**/portal/applications/*")

    for name, value in FIGURES.items():
        if name not in ("revenue_this_year", "revenue_last_year", "rd_expense_this_year") and value is not None:
            fill(page, name, "true" if value is True else value[0] if isinstance(value, list) else str(value))
    expect(state).to_have_text(SAVED)
    desk.attach(person_of(desk, applicant), case_id, figures=["revenue_this_year"])
    page.reload()
    page.get_by_label("我单位已阅读并承诺以上内容").check()
    page.get_by_role("button", name="提交申报").click()
    expect(page.get_by_role("heading", name="提交回执")).to_be_visible()
    applicant.look_at(page, "receipt")
    page.get_by_role("link", name="核验回执").click()
    expect(page.get_by_text("三者相符")).to_be_visible()
    applicant.look_at(page, "receipt-check")

    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))
    page.goto(f"{applicant.origin}/portal/inbox")
    applicant.look_at(page, "inbox")
    page.get_by_role("button", name="查看案件：请在期限内整改").click()
    expect(page.locator("#figures [name=revenue_last_year]")).to_have_count(0)
    applicant.context.clear_cookies()
    elsewhere = applicant.window("/account/sign-in?next=/portal")
    applicant.sign_in(elsewhere)
    elsewhere.wait_for_url("**/portal")
    elsewhere.close()
    fill(page, "revenue_this_year", "2100")
    expect(state).to_have_text(SAVED)
    applicant.look_at(page, "rectification")
    page.get_by_role("button", name="整改完成，重新提交").click()
    expect(page.get_by_text("已提交整改材料")).to_be_visible()
    applicant.look_at(page, "followed")
    assert desk.desk_case(case_id)["mended"][0]["after"] == "2100 万元"
