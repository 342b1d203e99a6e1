"""The working calendar of the State Council and the law of counting terms.

Our own versioned data (2004–2026, each day under the number of its notice), read as text: nothing here opens a file,
asks a clock or draws a number. Days are dates in Asia/Shanghai, instants are UTC. A term counts from the day after
the event (民法典第二百零一条), ends at 24:00 of its last counted day (第二百零三条) and never ends early: where the
next year's notice is missing it is provisional and stands at its latest bound.

In a notice a *rest* day is one called 放假, a *work* day one called 上班 (调休); all others follow the week.
"""

from shared.kernel.calendar.bounds import Festivals
from shared.kernel.calendar.dates import CHINA_TIME, business_date, end_of_day
from shared.kernel.calendar.describe import describe
from shared.kernel.calendar.notice import BadNotice, NoticeDay, YearNotice, parse_notice
from shared.kernel.calendar.term import (
    Term,
    TermChange,
    Unit,
    count_term,
    days_counted_before,
    diff,
    extend_term,
    paused_days,
    recount,
    remaining_days,
    resume_term,
    working_days_before,
    working_days_left,
)
from shared.kernel.calendar.working import (
    ArrangementAlarm,
    DayKind,
    NotCovered,
    WorkingCalendar,
    arrangement_alarm,
    load_calendar,
)

__all__ = [
    "CHINA_TIME",
    "ArrangementAlarm",
    "BadNotice",
    "DayKind",
    "Festivals",
    "NotCovered",
    "NoticeDay",
    "Term",
    "TermChange",
    "Unit",
    "WorkingCalendar",
    "YearNotice",
    "arrangement_alarm",
    "business_date",
    "count_term",
    "days_counted_before",
    "describe",
    "diff",
    "end_of_day",
    "extend_term",
    "load_calendar",
    "parse_notice",
    "paused_days",
    "recount",
    "remaining_days",
    "resume_term",
    "working_days_before",
    "working_days_left",
]
