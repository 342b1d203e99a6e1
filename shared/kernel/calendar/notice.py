"""The yearly notice of the State Council: its model, and reading it from a file or from its own wording."""

import json
import re
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.kernel.calendar.notice_wording import UnreadableNotice, read_wording
from shared.kernel.refusals import Refusal

PAPER = re.compile(r"国(?:办)?发明电〔\d{4}〕\d+号")
_FIELDS = {
    "year": "年份",
    "paper": "发文字号",
    "title": "标题",
    "url": "网址",
    "published_on": "公布日期",
    "days": "日期表",
    "day": "日期",
    "kind": "类别（rest 放假、work 上班）",
    "name": "节日名称",
}


class BadNotice(Refusal):
    """A holiday notice that cannot be taken as it stands; nothing was imported."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_notice", message, field="notice")


class NoticeDay(BaseModel):
    """One day named by a notice: rest (放假) or work (上班), and for which festival."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    kind: Literal["rest", "work"]
    name: str = Field(min_length=1, max_length=40)


class YearNotice(BaseModel):
    """A notice: number, where and when it was published, and the days that differ from the plain week.

    ``published_on`` is the day the paper became public. ``url`` may be empty where no official page is known.
    Days lie in the year, or in December of the year before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int = Field(ge=2000, le=2100)
    paper: str
    title: str = ""
    url: str = ""
    published_on: date
    days: tuple[NoticeDay, ...] = Field(min_length=1)


def parse_notice(text: str) -> YearNotice:
    """Read a notice from JSON, or from the printed wording of 关于××××年部分节假日安排的通知.

    Raises:
        BadNotice: with one Chinese sentence naming the day, field or phrase at fault.
    """
    if not text.strip():
        raise BadNotice("通知内容是空的，请粘贴全文或选择数据文件。")
    return _checked(_from_json(text) if text.lstrip().startswith("{") else _from_wording(text))


def _from_json(text: str) -> YearNotice:
    try:
        return YearNotice.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise BadNotice(f"数据文件第{error.lineno}行不是有效的 JSON，请重新导出。") from error
    except ValidationError as error:
        raise BadNotice(_first_problem(error)) from error


def _from_wording(text: str) -> YearNotice:
    try:
        return YearNotice.model_validate(read_wording(text))
    except UnreadableNotice as error:
        raise BadNotice(str(error)) from error
    except ValidationError as error:
        raise BadNotice(_first_problem(error)) from error


def _first_problem(error: ValidationError) -> str:
    place = error.errors()[0]["loc"]
    field = next((part for part in reversed(place) if isinstance(part, str)), "days")
    row = next((part for part in place if isinstance(part, int)), None)
    where = f"日期表第{row + 1}行的" if row is not None else ""
    return f"{where}“{_FIELDS.get(field, field)}”缺失、多余或填写不正确，请对照通知原文核对。"


def _checked(notice: YearNotice) -> YearNotice:
    if not PAPER.fullmatch(notice.paper):
        raise BadNotice(f"发文字号“{notice.paper}”不正确，应如“国办发明电〔2025〕7号”。")
    if notice.url and not notice.url.startswith(("https://", "http://")):
        raise BadNotice(f"网址“{notice.url}”不正确，应以 https:// 开头。")
    if len({row.day for row in notice.days}) != len(notice.days):
        raise BadNotice(f"{chinese_day(_first_twice(notice))}出现了两次，请核对是放假还是上班。")
    for row in notice.days:
        _check_year(notice, row)
    return notice


def _first_twice(notice: YearNotice) -> date:
    seen: set[date] = set()
    for row in notice.days:
        if row.day in seen:
            return row.day
        seen.add(row.day)
    raise ValueError("no day is named twice")


def _check_year(notice: YearNotice, row: NoticeDay) -> None:
    """A notice speaks of its year and, around New Year's Day, of December before it."""
    if row.day.year != notice.year and (row.day.year, row.day.month) != (notice.year - 1, 12):
        raise BadNotice(f"{chinese_day(row.day)}不在{notice.year}年内，也不在上一年12月，请核对年份。")


def chinese_day(day: date) -> str:
    """A date with its weekday, such as 2026年5月9日（星期六）."""
    return f"{day.year}年{day.month}月{day.day}日（星期{'一二三四五六日'[day.weekday()]}）"
