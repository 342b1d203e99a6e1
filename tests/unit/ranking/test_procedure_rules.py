"""What comes next, reminders, missing replies, refilled seats, report table, exact points in requests."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest
from pydantic import TypeAdapter, ValidationError

from services.ranking.domain.consultation import missing_replies, reminder_at
from services.ranking.domain.lists import list_line, score_text, summary_rows, summary_totals
from services.ranking.domain.seats import check_filling, next_in_line
from services.ranking.domain.steps import Consulting, Deciding, Desk, Next, in_consultation, in_decision, in_evaluation
from services.ranking.points import Points
from services.ranking.workbook import summary_workbook
from shared.contracts.dossiers import FinalEntryDossier
from shared.kernel.refusals import Refusal
from shared.kernel.stages import StageState

NOW = datetime(2026, 3, 20, tzinfo=UTC)
OPEN = Desk(state=StageState.OPEN, received=True)
DAYS = ("2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19", "2026-03-20")


@pytest.mark.parametrize(
    ("desk", "step"),
    [
        (Desk(), "begin"),
        (Desk(state=StageState.OPEN), "receive"),
        (OPEN, "wait"),
        (Desk(StageState.OPEN, received=True, completed=True), "freeze"),
        (Desk(StageState.OPEN, received=True, completed=True, frozen=True), "wait"),
        (Desk(StageState.OPEN, received=True, completed=True, frozen=True, stored=True), "close"),
        (Desk(StageState.PAUSED, received=True, completed=True), "wait"),
        (Desk(StageState.CLOSED), "done"),
        (Desk(StageState.CANCELLED), "done"),
    ],
)
def test_the_steps_of_an_evaluation(desk: Desk, step: str) -> None:
    assert in_evaluation(desk).step == step


def test_a_decision_passes_its_gate_before_it_ranks() -> None:
    unbound = Deciding(recommends=False)
    bound = Deciding(recommends=False, bound=frozenset({"ranking"}))

    assert [in_decision(OPEN, at).step for at in (unbound, bound)] == ["gate_ranking", "rank"]


def test_a_consultation_waits_for_its_reminder_then_for_its_end() -> None:
    reminder, end = datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 3, 25, tzinfo=UTC)

    assert in_consultation(OPEN, Consulting(end, reminder), NOW) == Next("wait", until=reminder)
    assert in_consultation(OPEN, Consulting(end, reminder), reminder) == Next("remind")
    assert in_consultation(OPEN, Consulting(end), reminder) == Next("wait", until=end)
    assert in_consultation(OPEN, Consulting(end), end) == Next("tally")


def test_the_reminder_comes_when_two_counted_days_remain_after_it() -> None:
    assert reminder_at(DAYS) == datetime(2026, 3, 18, 1, tzinfo=UTC)
    assert reminder_at(DAYS[:2]) is None


def test_missing_replies_are_named_by_department() -> None:
    one, other, case, another = (UUID(int=number) for number in range(4))

    assert missing_replies([one, other], [case, another], {(one, case), (one, another), (other, case)}) == {
        other: [another]
    }
    assert missing_replies([one], [], set()) == {}


@dataclass
class Line:
    case_id: UUID
    rank: int | None


def test_the_next_in_rank_fills_a_seat_without_a_reason() -> None:
    candidates = [Line(UUID(int=11), 11), Line(UUID(int=12), 12), Line(UUID(int=13), None)]
    following, everybody = next_in_line(candidates), [one.case_id for one in candidates]

    check_filling(UUID(int=11), following, everybody, None)
    with pytest.raises(Refusal, match="departure_needs_reason"):
        check_filling(UUID(int=12), following, everybody, " ")
    check_filling(UUID(int=12), following, everybody, "行业平衡")
    with pytest.raises(Refusal, match="not_found"):
        check_filling(UUID(int=99), following, everybody, "x")


def test_choosing_between_equals_for_a_seat_needs_a_reason() -> None:
    candidates = [Line(UUID(int=11), 11), Line(UUID(int=12), 11)]
    following = next_in_line(candidates)

    with pytest.raises(Refusal, match="departure_needs_reason"):
        check_filling(UUID(int=11), following, following, None)


@pytest.mark.parametrize(
    ("mean", "exact", "text"),
    [((175, 2), True, "87.5"), ((90, 1), True, "90"), ((175, 2), False, "87.50"), ((625, 7), False, "89.29")],
)
def test_scores_as_people_read_them(mean: tuple[int, int], exact: bool, text: str) -> None:
    assert score_text(*mean, exact=exact) == text


@pytest.mark.parametrize(("given", "read"), [("2.5", "2.5"), (3, "3"), ("-1", "-1"), (" 4 ", "4")])
def test_points_are_read_exactly(given: Any, read: str) -> None:
    assert TypeAdapter(Points).validate_python(given) == Decimal(read)


@pytest.mark.parametrize("given", [2.5, True, "1e3", "", "二", "1.2.3", "NaN", None, "٣"])
def test_points_that_are_not_plain_numbers_are_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Points).validate_python(given)


def lines() -> list[FinalEntryDossier]:
    return [
        list_line(
            case_id=uuid4(),
            number=f"LG-{place}",
            subject={"name": name, "credit_code": "X"},
            position=place,
            score=score,
            rank=None,
            outcome=outcome,
            reason=None if outcome == "recommended" else "未达目标",
            previous_digest="0" * 64,
            items={"export_share": "2.5"},
        )
        for place, (name, score, outcome) in enumerate(
            [("演练企业201", "87.5", "recommended"), ("=cmd()", "60", "not_recommended")], 1
        )
    ]


def test_the_report_table_counts_and_averages() -> None:
    assert summary_totals(lines()) == {"evaluated": 2, "recommended": 1, "mean_score": "73.75"}
    assert summary_totals([]) == {"evaluated": 0, "recommended": 0, "mean_score": None}


def test_the_workbook_holds_the_rows_and_no_formula() -> None:
    table = {"title": "推荐汇总表", "rows": summary_rows(lines()), "item_names": {"export_share": "出口额占比"}}

    book = openpyxl.load_workbook(io.BytesIO(summary_workbook(table, rehearsal=True)))

    rows = [[cell.value for cell in row] for row in book["总表"].iter_rows(min_row=2)]
    assert book["总表"]["A1"].value == "推荐汇总表（演练）"
    assert rows[1] == [1, "演练企业201", "X", 87.5, "推荐", None]
    assert rows[2] == [2, "'=cmd()", "X", 60, "不推荐", "未达目标"]
    assert [cell.data_type for cell in book["总表"][4]][1] == "s"
