"""Invented data of the signed-in pages: overview, form, refusal, figures table."""

from shared.web.gallery.samples import (
    CURRENT,
    DONE,
    FUTURE,
    IN_PUBLICITY,
    IN_SCREENING,
    NOW,
    PAUSED,
    PROGRAMME,
    STUCK,
    ends_on,
    step,
)
from shared.web.page import Actor, NavItem, PageContext, RefusalPage
from shared.web.parts import Badge, Column, FieldError, Link, PersonLine, Row, Tone
from shared.web.patterns import Count, Overview, OverviewGroup, OverviewRow, Risk

OFFICE_NAV = tuple(
    NavItem(label=label, href=f"/office/{key}", current=key == "overview", count=count)
    for label, key, count in (
        ("总览", "overview", None),
        ("初审台", "screening", 6),
        ("专家库与抽取", "pools", None),
        ("征询", "consultation", 1),
        ("公示与异议", "publicity", 2),
        ("发布", "release", None),
        ("日历", "calendar", None),
        ("双人复核", "approvals", 3),
    )
)
CLERK = Actor(name="演练经办一", role="经办", organisation="办公室")
_OFFICE = PageContext(title="总览", server_time=NOW, nav=OFFICE_NAV, actor=CLERK, request_id="01979c2e-7b1a")
OVERVIEW_PAGE = _OFFICE.model_copy(
    update={
        "expected_of_me": "初审 6 件，双人复核 3 件",
        "until": ends_on(5, 8),
        "working_days_left": 1,
        "next_step": "初审截止后自动移交专家审查",
    }
)
OVERVIEW = Overview(
    totals=(
        Count(label="进行中的项目", value=5),
        Count(label="在办案件", value=214),
        Count(label="今天到期", value=2, href="/office/due"),
        Count(label="待双人复核", value=3, href="/office/approvals"),
        Count(label="需要处理", value=1, alert=True, href="/office/stuck"),
    ),
    groups=(
        OverviewGroup(
            title=f"{PROGRAMME}·2025 年度",
            rows=(
                OverviewRow(
                    key="pioneers",
                    name="新质生产力先锋企业",
                    href="/office/pioneers",
                    stages=IN_PUBLICITY,
                    badge=Badge(text="公示中", tone=Tone.WORKING),
                    counts=(
                        Count(label="申报", value=41),
                        Count(label="通过初审", value=36),
                        Count(label="入围", value=10),
                        Count(label="异议", value=1, href="/office/objections"),
                    ),
                    waiting_for="公众（异议）；核查员 演练经办二",
                    risks=(
                        Risk(badge=Badge(text="核查", tone=Tone.WARNING), text="异议 1 件，5 月 9 日前答复", href="/o"),
                    ),
                ),
                OverviewRow(
                    key="models",
                    name="标杆企业",
                    href="/office/models",
                    stages=IN_SCREENING,
                    badge=Badge(text="初审中", tone=Tone.WORKING),
                    counts=(
                        Count(label="申报", value=58),
                        Count(label="待初审", value=6, href="/office/screening"),
                        Count(label="整改中", value=3),
                    ),
                    waiting_for="办公室（初审 6 件）、申报单位（整改 3 件）",
                    risks=(
                        Risk(badge=Badge(text="明天失效", tone=Tone.BAD), text="1 件整改期限 5 月 8 日 24:00 届满"),
                        Risk(badge=Badge(text="预计", tone=Tone.WARNING), text="研究决定以后的日期为预计"),
                    ),
                ),
                OverviewRow(
                    key="events",
                    name="年度经济事件",
                    href="/office/events",
                    stages=STUCK,
                    badge=Badge(text="待处理", tone=Tone.BAD),
                    counts=(Count(label="提名", value=20), Count(label="有效票", value=18342)),
                    waiting_for="运行人员",
                    risks=(
                        Risk(badge=Badge(text="卡住", tone=Tone.BAD), text="移交清单缺 2 份卷宗", href="/office/ops"),
                    ),
                ),
                OverviewRow(
                    key="cases",
                    name="经济发展案例",
                    href="/office/cases",
                    stages=PAUSED,
                    badge=Badge(text="已暂停", tone=Tone.WARNING),
                    counts=(Count(label="申报", value=12),),
                    waiting_for="办公室恢复",
                ),
            ),
        ),
        OverviewGroup(
            title="重点“小巨人”企业绩效自评",
            rows=(
                OverviewRow(
                    key="evaluation",
                    name="企业绩效评价",
                    href="/office/evaluation",
                    stages=(
                        step("目标锁定", DONE, closes=(1, 9)),
                        step("填报", DONE, (1, 12), (2, 6)),
                        step("核验", DONE, (2, 9), (3, 20)),
                        step("评分", CURRENT, (3, 23), (5, 15)),
                        step("结论建议", FUTURE),
                        step("报表", FUTURE),
                    ),
                    badge=Badge(text="评分中", tone=Tone.WORKING),
                    counts=(Count(label="企业", value=28), Count(label="已评分", value=19)),
                ),
            ),
        ),
    ),
)
EMPTY_OVERVIEW = Overview(groups=(), first_step=Link(label="建立活动年度", href="/office/cycles/new"))

REFUSAL = RefusalPage(
    status=409,
    heading="申报期限已届满",
    code="term_over",
    quote_id="01979c2e-7b1a-7c44",
    message="本项目的申报已于 2026年2月6日（周五）24:00 截止，不能再提交申报书。",
    article="第十一条",
    problems=(FieldError(field="revenue_2025", message="营业收入应为数字，例如 12345.60。"),),
    ways_on=(Link(label="回到我的案件", href="/portal/cases"), Link(label="查看其他可申报项目", href="/portal/open")),
)
ERROR_PAGE = PageContext(title="申报期限已届满", server_time=NOW, actor=Actor(name="演练企业003", role="申报人"))

FORM_ERRORS = (
    FieldError(field="credit_code", message="统一社会信用代码的校验位不正确，请对照营业执照核对。"),
    FieldError(field="revenue.2025", message="营业收入应为数字，最多两位小数，例如 12345.60。"),
)
FORM_PAGE = PageContext(
    title="申报书·基本信息",
    server_time=NOW,
    programme=PROGRAMME,
    year=2025,
    category="标杆企业",
    stage="申报",
    expected_of_me="填写并提交申报书",
    until=ends_on(5, 8),
    working_days_left=1,
    next_step="办公室初审，结果在“我的案件”中通知",
    actor=Actor(name="演练企业003", role="申报人", organisation="演练企业003有限公司"),
    crumbs=(Link(label="可申报项目", href="/portal"), Link(label="标杆企业", href="/portal/model")),
)
PERSON = PersonLine(name="演练主任", role="联合主任", organisation="指导委员会", at=NOW, note="已确认")
DOCUMENT_PAGE = _OFFICE.model_copy(update={"title": "会议纪要", "nav": ()})
PARTS_PAGE = _OFFICE.model_copy(update={"title": "部件"})
INDEX_PAGE = _OFFICE.model_copy(update={"title": "样张目录", "nav": ()})

COLUMNS = (
    Column(label="案号"),
    Column(label="申报单位"),
    Column(label="状态"),
    Column(label="营业收入（万元）", numeric=True),
    Column(label="得分", numeric=True),
    Column(label="到期", sortable=True),
)
ROWS = tuple(
    Row(
        cells=(
            f"案-{n:04d}",
            f"演练企业{n:03d}有限公司",
            badge,
            f"{12345 * n:,}.60",
            f"{95 - n * 3}.50",
            f"5月{6 + n}日",
        ),
        href=f"/office/cases/{n}",
        sort=(str(n), "", badge.text, str(12345 * n), str(95 - n * 3), str(6 + n)),
        struck=n == 6,
    )
    for n, badge in enumerate(
        (
            Badge(text="待初审"),
            Badge(text="整改中", tone=Tone.WARNING),
            Badge(text="已通过", tone=Tone.GOOD),
            Badge(text="审查中", tone=Tone.WORKING),
            Badge(text="取消资格", tone=Tone.BAD),
            Badge(text="已发布", tone=Tone.FINAL),
        ),
        1,
    )
)
PARTS_EXPORTS = (Link(label="CSV", href="/office/cases.csv"), Link(label="XLSX", href="/office/cases.xlsx"))
FIRST_ACTION = Link(label="查看可申报项目", href="/portal")
