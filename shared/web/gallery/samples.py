"""Invented sample data; every enterprise is 演练企业NNN. Dates are those of the rehearsed year."""

from datetime import UTC, date, datetime
from decimal import Decimal

from shared.web.page import Actor, NavItem, PageContext, RefusalPage
from shared.web.parts import (
    Badge,
    Column,
    Download,
    FieldError,
    Link,
    PersonLine,
    Row,
    StageStep,
    StepState,
    Term,
    Tone,
)
from shared.web.patterns import (
    Count,
    EntryState,
    ListEntry,
    ListKind,
    ObjectionGuide,
    Overview,
    OverviewGroup,
    OverviewRow,
    PublicList,
    Risk,
)
from shared.web.templating import public_nav

DONE, CURRENT, FUTURE = StepState.DONE, StepState.CURRENT, StepState.FUTURE
PROGRAMME = "青岛年度经济成就宣传发布活动"
NOW = datetime(2026, 5, 7, 2, 32, tzinfo=UTC)
DIGEST = "9f2c7a41d0b86e53c1fa0274be9d6638a5127fe04c9b3d8812ad60e7f5349bc1"


def _ends(month: int, day: int) -> datetime:
    """24:00 of a day in 2026, as an instant: 16:00 UTC of that day."""
    return datetime(2026, month, day, 16, tzinfo=UTC)


def _step(
    name: str, state: StepState, opens: tuple[int, int] | None = None, closes: tuple[int, int] | None = None
) -> StageStep:
    return StageStep(
        name=name,
        state=state,
        opens_on=date(2026, *opens) if opens else None,
        closes_at=_ends(*closes) if closes else None,
    )


def _provisional(step: StageStep) -> StageStep:
    return step.model_copy(update={"provisional": True})


IN_PUBLICITY = (
    _step("申报", DONE, (1, 12), (2, 6)),
    _step("初审", DONE, (2, 9), (3, 6)),
    _step("专家审查", DONE, (3, 9), (4, 3)),
    _step("研究决定", DONE, (4, 7), (4, 17)),
    _step("意见征询", DONE, (4, 20), (4, 28)),
    _step("公示", CURRENT, (4, 30), (5, 11)),
    _step("发布", FUTURE, (5, 13)),
)
IN_SCREENING = (
    _step("申报", DONE, (1, 12), (2, 6)),
    _step("初审", CURRENT, (2, 9), (5, 8)),
    _step("专家审查", FUTURE, (5, 11), (5, 22)),
    *(
        _provisional(_step(name, FUTURE, opens, closes))
        for name, opens, closes in (
            ("研究决定", (5, 25), (5, 29)),
            ("意见征询", (6, 1), (6, 5)),
            ("公示", (6, 8), (6, 12)),
            ("发布", (6, 15), None),
        )
    ),
)
STUCK = (
    _step("提名", DONE, (1, 12), (1, 23)),
    _step("公众投票", DONE, (1, 26), (2, 8)),
    StageStep(name="排序", state=StepState.STUCK, closes_at=_ends(5, 6), note="缺 2 份卷宗"),
    _step("公示", FUTURE),
    _step("发布", FUTURE),
)
PAUSED = (
    _step("申报", DONE, (1, 12), (2, 6)),
    StageStep(name="初审", state=StepState.PAUSED, closes_at=_ends(5, 20), note="已计 3 天保留"),
    _step("专家审查", FUTURE),
    _step("研究决定", FUTURE),
    _step("意见征询", FUTURE),
    _step("公示", FUTURE),
    _step("发布", FUTURE),
)
CANCELLED = (
    _step("申报", DONE, (1, 12), (2, 6)),
    _step("初审", StepState.CANCELLED),
    _step("专家审查", StepState.CANCELLED),
    _step("发布", StepState.CANCELLED),
)

PUBLICITY_TERM = Term(
    label="公示期（可提出异议）",
    ends_at=_ends(5, 11),
    working_days_left=3,
    counted=(date(2026, 5, 6), date(2026, 5, 7), date(2026, 5, 8), date(2026, 5, 9), date(2026, 5, 11)),
    posted_on=date(2026, 4, 30),
    day_labels={date(2026, 5, 1): "劳动节"},
    today=date(2026, 5, 7),
    rule="公示 5 个工作日，自发布次日起算，至最后一个计入日 24:00 止。",
    article="第十九条",
    article_href="/programmes",
    calendar_version="2026 年第 1 版（国务院办公厅放假通知）",
)
PROVISIONAL_TERM = Term(
    label="限期整改",
    ends_at=datetime(2027, 1, 12, 16, tzinfo=UTC),
    earliest_end=datetime(2027, 1, 7, 16, tzinfo=UTC),
    provisional=True,
    working_days_left=5,
)

DISTRICTS = ("市南区", "市北区", "李沧区", "崂山区", "西海岸新区", "城阳区", "即墨区", "胶州市", "平度市", "莱西市")
INDUSTRIES = ("高端装备", "新一代信息技术", "生物医药", "新能源汽车", "现代海洋")


def _entry(place: int) -> ListEntry:
    return ListEntry(
        place=place,
        name=f"演练企业{place:03d}有限公司",
        identifier=f"91370200MA{place:04d}YL{place % 7}X",
        extra=(DISTRICTS[place - 1], INDUSTRIES[place % 5]),
        score=Decimal("93.5") - place * Decimal("1.25"),
    )


_HELD = {"state": EntryState.HELD, "note": "收到异议，核查结束前暂不列入，其他企业照常进行。"}
PUBLICITY = PublicList(
    kind=ListKind.PUBLICITY,
    heading="关于 2025 年度新质生产力先锋企业拟发布名单的公示",
    issuer="活动办公室",
    reference="演练〔2026〕12 号",
    posted_at=datetime(2026, 4, 30, 1, 0, tzinfo=UTC),
    channel="放榜公示页",
    preamble=(
        "经申报、初审、专家审查和指导委员会研究决定，并征询有关部门意见，现将拟发布名单予以公示，欢迎社会各界监督。",
    ),
    subject_label="企业名称",
    quota=10,
    extra_columns=("区市", "行业"),
    entries=tuple(_entry(n).model_copy(update=_HELD | {"place": None}) if n == 7 else _entry(n) for n in range(1, 11)),
    stages=IN_PUBLICITY,
    term=PUBLICITY_TERM,
    objection=ObjectionGuide(
        steps=(
            "写明对哪一家、哪一项有异议，以及事实和理由；",
            "留下真实姓名（单位加盖公章）和联系方式，仅供核查，不公开；",
            "提交后得到编号，凭编号查询核查结果。",
        ),
        href="/objections/new",
        contact="也可书面送达活动办公室（演练地址 1 号，工作日 9:00—17:00），以送达当日为准。",
    ),
    digest=DIGEST,
    downloads=(
        Download(label="公示名单", href="/lists/1.pdf", format="PDF", octets=182_340, sha256=DIGEST),
        Download(label="公示名单", href="/lists/1.csv", format="CSV", octets=1_420),
        Download(label="公开核验包", href="/lists/1.bundle", format="ZIP", octets=48_210),
    ),
    checkpoint="2026-04-30 #1284",
)
RELEASE = PUBLICITY.model_copy(
    update={
        "kind": ListKind.RELEASE,
        "heading": "2025 年度新质生产力先锋企业名单",
        "entries": (
            *(_entry(n) for n in range(1, 10)),
            ListEntry(
                name="（空缺）",
                state=EntryState.EMPTY_SEAT,
                note="异议成立移出 1 家，指导委员会决定不予递补。",
                extra=("", ""),
            ),
        ),
        "shows_scores": True,
        "ordered": True,
        "order_note": "按得分排序",
        "objection": None,
        "term": None,
        "stages": tuple(_step(step.name, DONE, closes=(5, 13)) for step in IN_PUBLICITY),
    }
)
EMPTY_LIST = RELEASE.model_copy(update={"entries": (), "heading": "2025 年度经济发展案例名单"})

_PUBLIC = PageContext(title="公示", server_time=NOW, programme=PROGRAMME, year=2025, category="新质生产力先锋企业")
PUBLICITY_PAGE = _PUBLIC.model_copy(
    update={
        "stage": "公示",
        "nav": public_nav("/lists"),
        "crumbs": (Link(label="首页", href="/"), Link(label="公示", href="/lists")),
        "title": "新质生产力先锋企业拟发布名单",
        "expected_of_me": "核对名单；有异议的，在公示期内提出",
        "until": _ends(5, 11),
        "next_step": "无异议或异议不成立的，5 月 13 日发布",
    }
)
RELEASE_PAGE = _PUBLIC.model_copy(
    update={
        "stage": "发布",
        "nav": public_nav("/results"),
        "title": "新质生产力先锋企业名单",
        "crumbs": (Link(label="首页", href="/"), Link(label="结果", href="/results")),
    }
)

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
        "until": _ends(5, 8),
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
                        _step("目标锁定", DONE, closes=(1, 9)),
                        _step("填报", DONE, (1, 12), (2, 6)),
                        _step("核验", DONE, (2, 9), (3, 20)),
                        _step("评分", CURRENT, (3, 23), (5, 15)),
                        _step("结论建议", FUTURE),
                        _step("报表", FUTURE),
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
    until=_ends(5, 8),
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
