"""An enterprise in a real browser, wide and narrow: from registering to a mended filing; and a form that gets lost."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.stack import Stack
from services.submission.domain.evidence import LARGEST
from shared.kernel.credit_code import make_credit_code
from shared.web.act import TOKEN_COOKIE
from tests.browser.look import SCREENSHOTS, WIDTHS, Looked, new_context
from tests.browser.uploading import upload_through_a_cut
from tests.integration.office.neighbours import PASSWORD, Office
from tests.integration.servers import eventually
from tests.integration.submission.desk import API, FIGURES, Desk, Enterprise, good
from tests.pdfs import large_pdf

WIDE, NARROW = WIDTHS
THREE_PARTS = 17 * 1024 * 1024
"""Bytes of a file that is quick and yet goes in three parts."""

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


@pytest.fixture
def applicant(request: pytest.FixtureRequest, browser: Browser, stack: Stack, desk: Desk) -> Iterator[Applicant]:
    """Somebody new, at a window of the width that the test names."""
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
    page.wait_for_url(f"{applicant.origin}/portal")


def fill(page: Page, name: str, value: str) -> None:
    """Write into a field of the form by its name, as a person does."""
    field = page.locator(f'#figures [name="{name}"]').first
    if field.evaluate("e => e.tagName") == "SELECT":
        field.select_option(value)
    elif field.get_attribute("type") == "checkbox":
        page.locator(f'#figures [name="{name}"][value="{value}"]').check()
    else:
        field.fill(value)


def kept(one: Enterprise, case_id: str) -> dict[str, object]:
    """The figures on the server."""
    figures: dict[str, object] = good(one.client.get(f"{API}/applications/{case_id}"))["figures"]
    return figures


def begin_filing(applicant: Applicant, page: Page, window: UUID) -> str:
    """From the portal's open calls over the self-check to a draft; returns its case."""
    eventually(lambda: page.reload() and page.get_by_role("button", name="开始填报").count() > 0, "no enterprise yet")
    applicant.look_at(page, "calls")
    page.goto(f"{applicant.origin}/portal/calls/{window}")
    page.locator("#f-registered_in_qingdao").select_option("false")
    page.get_by_role("button", name="自查").click()
    expect(page.get_by_text("暂不能申报本项目")).to_be_visible()
    applicant.look_at(page, "call")
    page.get_by_role("button", name="开始填报").click()
    page.wait_for_url("**/portal/applications/*")
    return page.url.rsplit("/", 1)[1]


def write_all(page: Page) -> None:
    """Fill the whole form in."""
    for name, value in FIGURES.items():
        if value is not None:
            fill(page, name, "true" if value is True else value[0] if isinstance(value, list) else str(value))
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)


def hand_in(applicant: Applicant, page: Page) -> None:
    """State the truth, submit, and have the receipt checked."""
    page.get_by_label("我单位已阅读并承诺以上内容").check()
    page.get_by_role("button", name="提交申报").click()
    expect(page.get_by_role("heading", name="提交回执")).to_be_visible()
    applicant.look_at(page, "receipt")
    page.get_by_role("link", name="核验回执").click()
    expect(page.get_by_text("三者相符")).to_be_visible()
    applicant.look_at(page, "receipt-check")


def mend_and_follow(applicant: Applicant, page: Page) -> None:
    """From the message in the inbox to the reopened field, and to where the case is then."""
    page.goto(f"{applicant.origin}/portal/inbox")
    applicant.look_at(page, "inbox")
    page.get_by_role("button", name="查看案件：请在期限内整改").click()
    expect(page.locator("#figures [name=revenue_last_year]")).to_have_count(0)
    fill(page, "revenue_this_year", "2100")
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)
    applicant.look_at(page, "rectification")
    page.get_by_role("button", name="整改完成，重新提交").click()
    expect(page.get_by_text("已提交整改材料")).to_be_visible()
    applicant.look_at(page, "followed")


def preview_comes(page: Page) -> None:
    """The kept file is shown as a picture."""
    page.get_by_text("预览", exact=False).first.click()
    shown = page.locator("details.preview img")
    shown.scroll_into_view_if_needed()
    eventually(lambda: shown.evaluate("image => image.naturalWidth") > 0, "the preview does not come")


@pytest.mark.parametrize(
    ("applicant", "size"),
    [
        (NARROW, THREE_PARTS),
        (WIDE, THREE_PARTS),
        pytest.param(NARROW, LARGEST, marks=pytest.mark.deep),
        pytest.param(WIDE, LARGEST, marks=pytest.mark.deep),
    ],
    indirect=["applicant"],
)
def test_from_registration_over_an_upload_that_loses_the_network_to_a_mended_filing(
    applicant: Applicant, size: int, office: Office, desk: Desk, tmp_path: Path
) -> None:
    place = desk.category()
    window = desk.begin(place)
    (tmp_path / "审计报告.pdf").write_bytes(large_pdf(size))
    page = applicant.window()
    register(applicant, office, page)
    case_id = begin_filing(applicant, page, window)
    write_all(page)
    page.close()

    page = upload_through_a_cut(
        lambda: applicant.window(f"/portal/applications/{case_id}"), tmp_path / "审计报告.pdf", applicant.look_at
    )
    preview_comes(page)
    applicant.look_at(page, "uploaded")
    hand_in(applicant, page)

    desk.begin(place, "screening")
    good(desk.decide(case_id, "rectify", items=[{"field": "revenue_this_year", "reason": "与审计报告不一致"}]))
    mend_and_follow(applicant, page)
    assert desk.desk_case(case_id)["mended"][0]["after"] == "2100 万元"


@pytest.mark.parametrize("applicant", [NARROW, pytest.param(WIDE, marks=pytest.mark.deep)], indirect=True)
def test_a_form_survives_a_lost_session_two_windows_and_a_broken_line(
    applicant: Applicant, office: Office, desk: Desk
) -> None:
    window, one = desk.begin(desk.category()), desk.enterprise()
    code = next(row["credit_code"] for row in good(desk.office.get(f"{API}/enterprises")) if row["name"] == one.name)
    applicant.login = office.member("enterprise", enterprises=[code])["login"]
    case_id = good(desk.open(one, window))["case_id"]
    home = f"{applicant.origin}/portal/applications/{case_id}"
    page = applicant.window(f"/account/sign-in?next=/portal/applications/{case_id}")
    applicant.sign_in(page)
    page.wait_for_url(home)
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
    page.wait_for_url(home)
    expect(state).to_have_text(SAVED)
    expect(page.locator("#f-revenue_last_year")).to_have_value("1800")
    assert kept(one, case_id) == {"revenue_this_year": "2000", "revenue_last_year": "1800"}

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
    assert kept(one, case_id)["revenue_this_year"] == "2200"

    applicant.context.set_offline(True)
    fill(page, "rd_expense_last_year", "100")
    expect(state).to_contain_text("未能保存，正在重试")
    applicant.context.set_offline(False)
    expect(state).to_have_text(SAVED)
    fill(page, "rd_expense_two_years_ago", "90")
    page.get_by_role("link", name="退出").click()
    page.wait_for_url(f"{applicant.origin}/")
    assert kept(one, case_id)["rd_expense_two_years_ago"] == "90"
    page.goto(home)
    applicant.sign_in(page)
    page.wait_for_url(home)

    applicant.context.clear_cookies()
    elsewhere = applicant.window("/account/sign-in?next=/portal")
    applicant.sign_in(elsewhere)
    elsewhere.wait_for_url(f"{applicant.origin}/portal")
    elsewhere.close()
    fill(page, "rd_expense_two_years_ago", "95")
    page.get_by_text("撤回申报", exact=True).first.click()
    page.get_by_label("我已知晓以上后果").check()
    page.get_by_role("button", name="撤回申报").click()
    expect(page.get_by_text("已撤回").first).to_be_visible()
    assert kept(one, case_id)["rd_expense_two_years_ago"] == "95"


def test_without_scripts_what_is_typed_goes_along_with_handing_in(browser: Browser, stack: Stack, desk: Desk) -> None:
    window, one = desk.begin(desk.category()), desk.enterprise()
    case_id = good(desk.open(one, window))["case_id"]
    good(desk.enter(one, case_id, FIGURES))
    desk.attach(one, case_id)
    context = browser.new_context(java_script_enabled=False, viewport={"width": NARROW, "height": 740})
    token = desk.people.token("enterprise", account=uuid4(), acts_for=[UUID(one.enterprise_id)])
    context.add_cookies([{"name": TOKEN_COOKIE, "value": token, "url": stack.birth.page_origin}])
    page = context.new_page()
    page.goto(f"{stack.birth.page_origin}/portal/applications/{case_id}")

    fill(page, "revenue_this_year", "两千五")
    page.get_by_label("我单位已阅读并承诺以上内容").check()
    page.get_by_role("button", name="提交申报").click()

    expect(page.get_by_text("有 1 处需要更正")).to_be_visible()
    expect(page.locator(".field", has=page.locator("#f-revenue_this_year"))).to_contain_text("应为数字")
    expect(page.locator("#f-revenue_this_year")).to_have_value("两千五")
    expect(page.get_by_label("我单位已阅读并承诺以上内容")).to_be_checked()
    page.screenshot(path=SCREENSHOTS / f"filing-without-scripts-{NARROW}.png", full_page=True)
    fill(page, "revenue_this_year", "2500")
    page.get_by_role("button", name="提交申报").click()
    expect(page.get_by_role("heading", name="提交回执")).to_be_visible()
    context.close()
    assert kept(one, case_id)["revenue_this_year"] == "2500"
