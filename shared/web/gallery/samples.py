"""Invented stages, terms and public lists; every enterprise is 演练企业NNN. Dates are those of the rehearsed year."""

from datetime import UTC, date, datetime
from decimal import Decimal

from shared.web.page import PageContext
from shared.web.parts import Download, Link, StageStep, StepState, Term
from shared.web.patterns import EntryState, ListEntry, ListKind, ObjectionGuide, PublicList
from shared.web.templating import public_nav

DONE, CURRENT, FUTURE = StepState.DONE, StepState.CURRENT, StepState.FUTURE
PROGRAMME = "青岛年度经济成就宣传发布活动"
NOW = datetime(2026, 5, 7, 2, 32, tzinfo=UTC)
DIGEST = "9f2c7a41d0b86e53c1fa0274be9d6638a5127fe04c9b3d8812ad60e7f5349bc1"


def ends_on(month: int, day: int) -> datetime:
    """24:00 of a day in 2026, as an instant: 16:00 UTC of that day."""
    return datetime(2026, month, day, 16, tzinfo=UTC)


def step(
    name: str, state: StepState, opens: tuple[int, int] | None = None, closes: tuple[int, int] | None = None
) -> StageStep:
    """One step of a stage line; opening and last day as (month, day) of 2026."""
    return StageStep(
        name=name,
        state=state,
        opens_on=date(2026, *opens) if opens else None,
        closes_at=ends_on(*closes) if closes else None,
    )


def _provisional(known: StageStep) -> StageStep:
    return known.model_copy(update={"provisional": True})


IN_PUBLICITY = (
    step("申报", DONE, (1, 12), (2, 6)),
    step("初审", DONE, (2, 9), (3, 6)),
    step("专家审查", DONE, (3, 9), (4, 3)),
    step("研究决定", DONE, (4, 7), (4, 17)),
    step("意见征询", DONE, (4, 20), (4, 28)),
    step("公示", CURRENT, (4, 30), (5, 11)),
    step("发布", FUTURE, (5, 13)),
)
IN_SCREENING = (
    step("申报", DONE, (1, 12), (2, 6)),
    step("初审", CURRENT, (2, 9), (5, 8)),
    step("专家审查", FUTURE, (5, 11), (5, 22)),
    *(
        _provisional(step(name, FUTURE, opens, closes))
        for name, opens, closes in (
            ("研究决定", (5, 25), (5, 29)),
            ("意见征询", (6, 1), (6, 5)),
            ("公示", (6, 8), (6, 12)),
            ("发布", (6, 15), None),
        )
    ),
)
STUCK = (
    step("提名", DONE, (1, 12), (1, 23)),
    step("公众投票", DONE, (1, 26), (2, 8)),
    StageStep(name="排序", state=StepState.STUCK, closes_at=ends_on(5, 6), note="缺 2 份卷宗"),
    step("公示", FUTURE),
    step("发布", FUTURE),
)
PAUSED = (
    step("申报", DONE, (1, 12), (2, 6)),
    StageStep(name="初审", state=StepState.PAUSED, closes_at=ends_on(5, 20), note="已计 3 天保留"),
    step("专家审查", FUTURE),
    step("研究决定", FUTURE),
    step("意见征询", FUTURE),
    step("公示", FUTURE),
    step("发布", FUTURE),
)
CANCELLED = (
    step("申报", DONE, (1, 12), (2, 6)),
    step("初审", StepState.CANCELLED),
    step("专家审查", StepState.CANCELLED),
    step("发布", StepState.CANCELLED),
)

PUBLICITY_TERM = Term(
    label="公示期（可提出异议）",
    ends_at=ends_on(5, 11),
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
        "stages": tuple(step(past.name, DONE, closes=(5, 13)) for past in IN_PUBLICITY),
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
        "until": ends_on(5, 11),
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
