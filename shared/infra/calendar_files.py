"""The one place that opens the shipped calendar files; the arithmetic in the kernel only sees their text."""

from functools import cache
from importlib.resources import files

from shared.kernel.calendar import WorkingCalendar, load_calendar


@cache
def load_shipped_calendar() -> WorkingCalendar:
    """The calendar as shipped, 2004–2026; imported years are laid over it with ``with_year``."""
    texts = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in files("shared.kernel").joinpath("calendar_data").iterdir()
        if entry.name.endswith(".json")
    }
    festivals = texts.pop("festivals.json")
    return load_calendar(texts.values(), festivals)
