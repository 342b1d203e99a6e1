"""Importing a year: the printed wording, the data file, and every way to get it wrong."""

import json
from datetime import date
from pathlib import Path

import pytest

from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import BadNotice, WorkingCalendar, YearNotice, parse_notice

NOTICES = Path(__file__).parent / "notices"
# The items are as printed; the frame around them is shortened and dated with the day of publication.
WORDING_2026 = (NOTICES / "2026.txt").read_text(encoding="utf-8")
INVENTED_2027 = """国务院办公厅关于2027年部分节假日安排的通知
国办发明电〔2026〕900号
一、元旦：2026年12月31日（周四）至2027年1月2日（周六）放假调休，共3天。1月3日（周日）上班。
二、春节：2月5日（农历除夕、周五）至12日（周五）放假调休，共8天。1月31日（周日）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天，不调休。
六、中秋节：9月15日（周三）放假1天，不调休。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
国务院办公厅
2026年11月30日
"""


def before_2026() -> WorkingCalendar:
    shipped = load_shipped_calendar()
    return WorkingCalendar(tuple(notice for notice in shipped.notices if notice.year < 2026), shipped.festivals)


def invented(**changes: object) -> str:
    fields = {"year": 2027, "paper": "国办发明电〔2026〕900号", "published_on": "2026-11-30"}
    days = [{"day": "2027-01-01", "kind": "rest", "name": "元旦"}]
    return json.dumps({**fields, "days": days, **changes}, ensure_ascii=False)


@pytest.mark.parametrize("year", range(2010, 2027))
def test_printed_wording_gives_the_shipped_year(year: int) -> None:
    notice = parse_notice((NOTICES / f"{year}.txt").read_text(encoding="utf-8"))

    (shipped,) = (one for one in load_shipped_calendar().notices if one.paper == notice.paper)
    assert (notice.year, notice.days, notice.title) == (shipped.year, shipped.days, shipped.title)


def test_wording_and_data_file_give_the_same_days_and_round_trip() -> None:
    notice = parse_notice(WORDING_2026)

    assert parse_notice(notice.model_dump_json()) == notice


def test_next_year_moves_the_covered_calendar_and_may_change_december() -> None:
    calendar = load_shipped_calendar()

    new = calendar.with_year(parse_notice(INVENTED_2027))

    assert new.covered_until == date(2027, 11, 30)
    assert new.version.startswith("2027-")
    assert (calendar.is_workday(date(2026, 12, 31)), new.is_workday(date(2026, 12, 31))) == (True, False)
    assert new.kind(date(2027, 2, 20)).reason == "make_up"
    assert calendar.covered_until == date(2026, 11, 30)


def test_version_follows_content() -> None:
    calendar = load_shipped_calendar()
    rebuilt = before_2026().with_year(calendar.notices[-1])

    assert rebuilt.version == calendar.version
    assert before_2026().version != calendar.version


@pytest.mark.parametrize(
    ("printed", "altered", "message"),
    [
        ("国办发明电〔2025〕7号", "", "没有找到发文字号"),
        ("部分节假日安排", "放假", "没有找到标题"),
        ("2025年11月4日", "", "没有找到落款日期"),
        ("5月9日（周六）上班", "5月9日（周日）上班", "2026年5月9日是星期六，通知里写的是周日"),
        ("共9天", "共8天", "写明共8天，按日期数却是9天"),
        ("5月9日（周六）", "5月32日（周六）", "没有2026年5月32日"),
        ("2月14日（周六）、2月28日（周六）上班", "2月14日（周六）公休日调至2月20日", "看不懂这一句"),
        ("5月9日（周六）上班", "5月5日（周二）上班", "2026年5月5日（星期二）出现了两次"),
        ("6月19日（周五）至21日（周日）放假，共3天", "6月21日（周日）至19日（周五）放假", "起止日期颠倒"),
        ("9月25日（周五）至27日", "25日（周五）至27日", "没有写月份"),
    ],
)
def test_altered_wording_is_refused_plainly(printed: str, altered: str, message: str) -> None:
    assert printed in WORDING_2026 or printed == "部分节假日安排"

    with pytest.raises(BadNotice) as refused:
        parse_notice(WORDING_2026.replace(printed, altered))

    assert message in refused.value.message
    assert refused.value.code == "bad_notice"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("   ", "通知内容是空的"),
        ("明天放假", "没有找到标题"),
        ('{"year": 2027,', "第1行不是有效的 JSON"),
        (invented(paper="国办发〔2026〕1号"), "发文字号“国办发〔2026〕1号”不正确"),
        (invented(url="javascript:alert(1)"), "网址“javascript:alert(1)”不正确"),
        (invented(days=[]), "“日期表”缺失、多余或填写不正确"),
        (invented(published_on="去年"), "“公布日期”缺失、多余或填写不正确"),
        (invented(days=[{"day": "2027-01-01", "kind": "half", "name": "元旦"}]), "日期表第1行的“类别"),
        (invented(days=[{"day": "2026-11-30", "kind": "rest", "name": "元旦"}]), "不在2027年内，也不在上一年12月"),
        (invented(days=[{"day": "2027-01-01", "kind": "rest", "name": "元旦"}] * 2), "出现了两次"),
        (invented(approved_by="x"), "“approved_by”缺失、多余"),
    ],
)
def test_bad_data_files_are_refused_plainly(text: str, message: str) -> None:
    with pytest.raises(BadNotice) as refused:
        parse_notice(text)

    assert message in refused.value.message


def year(notice: YearNotice, **changes: object) -> YearNotice:
    return notice.model_copy(update=changes)


def test_unfit_years_are_refused() -> None:
    calendar, notice = load_shipped_calendar(), parse_notice(INVENTED_2027)
    without_festival = tuple(row for row in notice.days if row.name != "端午节")

    with pytest.raises(BadNotice, match="已经导入过"):
        calendar.with_year(calendar.notices[-1])
    with pytest.raises(BadNotice, match="只能接着导入2026年"):
        before_2026().with_year(notice)
    with pytest.raises(BadNotice, match="不能导入2003年"):
        calendar.with_year(year(notice, year=2003))
    with pytest.raises(BadNotice, match="6月9日（星期三）是法定节日"):
        calendar.with_year(year(notice, days=without_festival))


def test_calling_a_plain_weekday_make_up_work_is_refused() -> None:
    wrong = parse_notice(INVENTED_2027.replace("5月8日（周六）上班", "5月10日上班"))

    with pytest.raises(BadNotice, match="2027年5月10日（星期一）本来就上班"):
        load_shipped_calendar().with_year(wrong)
