"""How dates, terms and numbers are written for people. Pure: every value is an argument, the zone is Shanghai."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TypeAlias
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"
_MIDNIGHT = time(0, 0)

Number: TypeAlias = int | Decimal | Fraction


def _local(moment: datetime) -> datetime:
    """The instant on a Shanghai clock. Raises ValueError for an instant without a zone."""
    if moment.tzinfo is None:
        raise ValueError("an instant shown to people must carry its zone")
    return moment.astimezone(SHANGHAI)


def local_date(value: date | datetime) -> date:
    """The Shanghai date of an instant, or the date itself."""
    return _local(value).date() if isinstance(value, datetime) else value


def weekday_name(value: date | datetime) -> str:
    """周一 … 周日."""
    return "周" + _WEEKDAYS[local_date(value).weekday()]


def shanghai_date(value: date | datetime) -> str:
    """2026年5月7日（周四）."""
    day = local_date(value)
    return f"{day.year}年{day.month}月{day.day}日（{weekday_name(day)}）"


def short_date(value: date | datetime) -> str:
    """5月7日."""
    day = local_date(value)
    return f"{day.month}月{day.day}日"


def shanghai_datetime(value: datetime) -> str:
    """2026年5月7日（周四）10:32."""
    return f"{shanghai_date(value)}{_local(value):%H:%M}"


def clock_time(value: datetime) -> str:
    """10:32."""
    return f"{_local(value):%H:%M}"


def last_day(ends_at: datetime) -> date:
    """The last day that belongs to a term: midnight is 24:00 of the day before."""
    local = _local(ends_at)
    return local.date() - timedelta(days=1) if local.timetz().replace(tzinfo=None) == _MIDNIGHT else local.date()


def term_end(ends_at: datetime) -> str:
    """2026年5月7日（周四）24:00; the regulation never speaks of 0:00 of the next day."""
    clock = "24:00" if last_day(ends_at) != local_date(ends_at) else f"{_local(ends_at):%H:%M}"
    return f"{shanghai_date(last_day(ends_at))}{clock}"


def short_term_end(ends_at: datetime) -> str:
    """5月7日 24:00."""
    return f"{short_date(last_day(ends_at))} {term_end(ends_at)[-5:]}"


def machine_time(value: date | datetime) -> str:
    """The value of a ``datetime`` attribute: ISO 8601, with the Shanghai offset for instants."""
    return _local(value).isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def plain_decimal(value: Number) -> str:
    """The exact number without exponent; digits as recorded. Raises TypeError for a float."""
    if isinstance(value, Fraction):
        raise TypeError("a fraction has no plain notation; use points() and say how many places")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"exact numbers only, not {type(value).__name__}")
    return format(Decimal(value), "f")


def grouped(value: int | Decimal) -> str:
    """12,345.60: thousands grouped, digits as recorded."""
    return format(Decimal(plain_decimal(value)), ",f")


def points(value: Number, places: int = 2) -> str:
    """A score for reading: fixed places, half up. The exact value stays in the dossier."""
    if isinstance(value, Fraction):
        return _rounded_fraction(value, places)
    exact = Decimal(plain_decimal(value))
    return format(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP), "f")


def _rounded_fraction(value: Fraction, places: int) -> str:
    scale = 10**places
    doubled = abs(value) * scale * 2
    units = (doubled.numerator // doubled.denominator + 1) // 2
    return format((Decimal(units) if value >= 0 else -Decimal(units)).scaleb(-places), "f")


def working_days_left(days: int) -> str:
    """还有 3 个工作日 · 今天截止 · 已截止 (negative)."""
    if days < 0:
        return "已截止"
    return "今天截止" if days == 0 else f"还有 {days} 个工作日"


def time_apart(moment: datetime, now: datetime) -> str:
    """还有 3 天 · 还有 25 分钟 · 已过 2 小时: whole units, the largest that fits."""
    seconds = int((moment - now).total_seconds())
    word, seconds = ("还有", seconds) if seconds > 0 else ("已过", -seconds)
    for unit, size in (("天", 86_400), ("小时", 3600), ("分钟", 60)):
        if seconds >= size:
            return f"{word} {seconds // size} {unit}"
    return f"{word}不到 1 分钟"


def file_size(octets: int) -> str:
    """1.2 MB, 340 KB, 12 字节; one place, never a float.

    1 KB is 1024 bytes here, as in the limits of uploads and where people see the size of their files.
    """
    for unit, size in (("MB", 1024 * 1024), ("KB", 1024)):
        if octets >= size:
            tenths = (octets * 10 + size // 2) // size
            whole, tenth = divmod(tenths, 10)
            return f"{whole}.{tenth} {unit}" if tenth else f"{whole} {unit}"
    return f"{octets} 字节"


def digest_groups(digest: str, width: int = 8) -> str:
    """A hex digest in groups, so that two people can compare it aloud."""
    return " ".join(digest[at : at + width] for at in range(0, len(digest), width))
