"""A stage that runs with a term, as its owner would have stated it."""

from datetime import UTC, date, datetime
from typing import Any

from deploy.stack import Stack
from shared.contracts.facts import StageOpened
from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import count_term
from tests.integration.office.neighbours import Office, publish
from tests.integration.servers import eventually

GIANT = "little-giant-performance"
CALENDAR = load_shipped_calendar()


def running(office: Office, stack: Stack, title: str, starts_on: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """A cycle whose first stage its owner has opened with a term of twenty workdays."""
    cycle = office.open_cycle(title, GIANT, "little_giant")
    stage = office.stages(cycle["cycle_id"])["application_window"]
    eventually(
        lambda: office.stages(cycle["cycle_id"])["application_window"]["state"] == "started", "the stage did not start"
    )
    term = count_term(CALENDAR, starts_on, 20, "working_days")
    fact = StageOpened(
        source="submission",
        cycle_id=cycle["cycle_id"],
        stage_id=stage["stage_id"],
        kind=stage["kind"],
        opens_at=datetime(starts_on.year, starts_on.month, starts_on.day, 1, tzinfo=UTC),
        closes_at=term.closes_at,
        counted_days=tuple(day.isoformat() for day in term.counted_days),
        provisional=term.provisional,
        term=term.model_dump(mode="json"),
    )
    publish(stack, "submission", fact)
    eventually(
        lambda: office.stages(cycle["cycle_id"])["application_window"]["state"] == "open", "the stage did not open"
    )
    return cycle, stage
