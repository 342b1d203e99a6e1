"""Dates in Asia/Shanghai and instants in UTC, from one another; nobody here knows what time it is."""

from datetime import UTC, date, datetime, time, timedelta, timezone

# China has kept +08:00 without summer time since 1992; a constant needs no time zone files on the machine.
CHINA_TIME = timezone(timedelta(hours=8), "Asia/Shanghai")
ONE_DAY = timedelta(days=1)


def business_date(instant: datetime) -> date:
    """The date in Asia/Shanghai at an instant; a naive time is a ``ValueError``."""
    if instant.tzinfo is None:
        raise ValueError("a business date needs an instant with a time zone")
    return instant.astimezone(CHINA_TIME).date()


def end_of_day(day: date) -> datetime:
    """24:00 of a day in Asia/Shanghai, as a UTC instant (16:00 UTC of the same date)."""
    return datetime.combine(day + ONE_DAY, time(), CHINA_TIME).astimezone(UTC)
