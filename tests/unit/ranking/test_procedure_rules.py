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
from services.ranking.domain.reports import evaluation_tables
from services.ranking.domain.seats import check_filling, next_in_line
from services.ranking.domain.steps import Consulting, Deciding, Desk, Next, in_consultation, in_decision, in_evaluation
from services.ranking.points import Points
from shared.contracts.dossiers import ApplicationDossier, FinalEntryDossier
from shared.infra.rulebooks import load_shipped
from shared.infra.workbooks import workbook
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
    outcomes = load_shipped()["little-giant-performance"].category("little_giant").case_outcomes
    assert summary_totals(lines(), outcomes) == {
        "evaluated": 2,
        "outcomes": {"推荐": 1, "不推荐": 1},
        "mean_score": "73.75",
    }
    none = {"evaluated": 0, "outcomes": {"推荐": 0, "不推荐": 0}, "mean_score": None}
    assert summary_totals([], outcomes) == none
    assert [row["outcome"] for row in summary_rows(lines(), outcomes)] == ["推荐", "不推荐"]


def test_the_tables_hold_what_was_decided_scored_and_filed() -> None:
    category = load_shipped()["little-giant-performance"].category("little_giant")
    figures = {"export_share_actual": "21.18", "listing_plan_actual": "no", "export_share_target": "20"}
    filing = ApplicationDossier.model_construct(number=lines()[0].number, figures=figures)

    tables = evaluation_tables("推荐汇总表", category, lines(), {filing.number: filing})

    assert [table.id for table in tables] == ["summary", "points", "filed", "aimed"]
    by_id = {table.id: table.rows for table in tables}
    assert by_id["summary"][0]["score"] == Decimal("87.5")
    assert by_id["points"][0]["export_share"] == Decimal("2.5")
    assert by_id["filed"][0]["export_share_actual"] == Decimal("21.18")
    assert by_id["filed"][0]["listing_plan_actual"] == "否"
    assert by_id["filed"][1]["export_share_actual"] is None
    assert by_id["aimed"][0]["export_share_target"] == Decimal(20)


def test_the_workbook_holds_the_rows_and_no_formula() -> None:
    category = load_shipped()["little-giant-performance"].category("little_giant")

    book = openpyxl.load_workbook(
        io.BytesIO(workbook(evaluation_tables("汇总表", category, lines(), {}), mark="（演练）"))
    )

    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert sheet["A1"].value == "汇总表（演练）"
    assert rows[1] == [1, "演练企业201", "X", 87.5, "推荐", None]
    assert rows[2] == [2, "'=cmd()", "X", 60, "不推荐", "未达目标"]
    assert [cell.data_type for cell in sheet[4]][1] == "s"
