"""Reading the printed wording of the yearly notice, sentence by sentence.

The wording has been the same since the notice for 2010: “二、春节：2月15日（…、周日）至23日（…）放假调休，共9天。
2月14日（周六）、2月28日（周六）上班。” What is printed twice (weekday, number of days) is checked; what is not
understood is refused with the phrase itself, never guessed.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

_TITLE = re.compile(r"关于(\d{4})年部分节假日安排的通知")
_PAPER = re.compile(r"(国(?:办)?发明电)[〔\[(](\d{4})[〕\])](\d+)号")
_URL = re.compile(r"https?://[\w./%-]+")
_DATED = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_ITEM = re.compile(r"(?:^|(?<=[。\s]))[一二三四五六七八九十]+、([\u4e00-\u9fff、“”]{2,12}?):")
_DAY = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?"
_SPAN = re.compile(rf"{_DAY}(?:(?:至|-|—|~){_DAY})?")
_TOTAL = re.compile(r"共(\d+)天")
_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_WEEK = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_REST = ("放假", "补休", "公休")


class UnreadableNotice(ValueError):
    """The wording is not understood; the message is a Chinese sentence with the phrase."""


def read_wording(text: str) -> dict[str, Any]:
    """The fields of a notice from its full printed text."""
    plain = unicodedata.normalize("NFKC", text)
    title = _need(
        _TITLE.search(re.sub(r"\s+", "", plain)),
        "没有找到标题“关于××××年部分节假日安排的通知”；调整类通知请用数据文件导入。",
    )
    paper = _need(_PAPER.search(plain), "没有找到发文字号，例如“国办发明电〔2025〕7号”。")
    url = _URL.search(plain)
    year = int(title[1])
    return {
        "year": year,
        "paper": f"{paper[1]}〔{paper[2]}〕{paper[3]}号",
        "title": f"国务院办公厅{title[0]}",
        "url": url[0] if url else "",
        "published_on": _signed_on(plain),
        "days": sorted(_days(plain, year), key=lambda row: row["day"]),
    }


def _need(found: re.Match[str] | None, message: str) -> re.Match[str]:
    if found is None:
        raise UnreadableNotice(message)
    return found


def _signed_on(plain: str) -> date:
    """The date under the signature: the last full date after the closing paragraph."""
    closing = plain.rsplit("节假日期间", maxsplit=1)[-1]
    dates = _DATED.findall(closing)
    if not dates:
        raise UnreadableNotice("没有找到落款日期，请粘贴通知全文（含落款）。")
    return _date(*map(int, dates[-1]))


def _days(plain: str, year: int) -> Iterator[dict[str, Any]]:
    body = plain.split("节假日期间", maxsplit=1)[0]
    heads = list(_ITEM.finditer(body))
    if not heads:
        raise UnreadableNotice("没有找到“一、元旦：……”这样的条目，请粘贴通知全文。")
    for head, after in zip(heads, [*heads[1:], None], strict=True):
        item = body[head.end() : after.start() if after else len(body)]
        for clause in _clauses(item):
            yield from _clause(clause, head[1], year)


def _clauses(item: str) -> Iterator[str]:
    """Sentences, with the spaces gone; a comma parts them too unless it stands in brackets or before 共N天."""
    flat = re.sub(r"\([^)]*\)", lambda found: found[0].replace(",", "、"), re.sub(r"\s+", "", item))
    for sentence in filter(None, flat.split("。")):
        yield from filter(None, re.split(r",(?!共\d+天)", sentence))


def _clause(clause: str, name: str, year: int) -> Iterator[dict[str, Any]]:
    spans = list(_SPAN.finditer(clause))
    if not spans:
        return
    kind = _kind(clause)
    days = [day for span, month in _with_months(spans) for day in _span_days(span, month, year)]
    total = _TOTAL.search(clause)
    if total and int(total[1]) != len(days):
        raise UnreadableNotice(f"“{clause}”写明共{total[1]}天，按日期数却是{len(days)}天，请核对。")
    yield from ({"day": day, "kind": kind, "name": name} for day in days)


def _kind(clause: str) -> str:
    rest, work = any(word in clause for word in _REST), "上班" in clause
    if "调至" in clause or rest == work:
        raise UnreadableNotice(f"看不懂这一句：“{clause}”。请用数据文件导入。")
    return "rest" if rest else "work"


def _with_months(spans: list[re.Match[str]]) -> Iterator[tuple[re.Match[str], int]]:
    """A date without a month takes the month printed last: 2月20日、21日."""
    month = 0
    for span in spans:
        month = int(span[2] or month)
        if not month:
            raise UnreadableNotice(f"“{span[0]}”没有写月份，请核对。")
        yield span, month
        month = int(span[6] or month)


def _span_days(span: re.Match[str], month: int, year: int) -> list[date]:
    first = _printed(span[1] or year, month, span[3], span[4])
    if span[7] is None:
        return [first]
    last = _printed(span[5] or year, span[6] or month, span[7], span[8])
    length = (last - first).days + 1
    if not 1 <= length <= 31:
        raise UnreadableNotice(f"“{span[0]}”的起止日期颠倒或过长，跨年的请写明年份。")
    return [first + timedelta(days=offset) for offset in range(length)]


def _printed(year: str | int, month: str | int, day: str, remark: str | None) -> date:
    """A printed date, held against the weekday printed behind it."""
    value = _date(int(year), int(month), int(day))
    weekday = _WEEKDAY.search(remark or "")
    if weekday and _WEEK[weekday[1]] != value.weekday():
        printed = f"{value.year}年{value.month}月{value.day}日"
        raise UnreadableNotice(
            f"{printed}是星期{'一二三四五六日'[value.weekday()]}，通知里写的是{weekday[0]}，请核对年份和日期。"
        )
    return value


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UnreadableNotice(f"没有{year}年{month}月{day}日这一天，请核对。") from error
