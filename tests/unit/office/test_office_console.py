"""The rehearsal clock, the overview's rows, notices and calendar previews."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.office.calendar.domain import OpenTerm, TermMove, moves_under
from services.office.console.domain import offset_to
from services.office.console.overview import overview_of, row_of, term_of
from services.office.cycles.reads import CategoryView, CycleView, StageView
from services.office.notices.domain import is_addressed, number_of, title_of
from services.office.site import home_of, own_path
from shared.infra.calendar_files import load_shipped_calendar
from shared.kernel.calendar import business_date, count_term, parse_notice
from shared.kernel.refusals import Conflict
from shared.web.parts import StepState

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SYSTEM = datetime(2026, 11, 22, 3, 0, 0, 500000, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(days=3, microseconds=7), timedelta(days=80)])
def test_the_offset_reaches_the_instant_and_less_than_a_second_more(ahead: timedelta) -> None:
    offset = timedelta(seconds=offset_to(NOW + ahead, NOW, SYSTEM))

    assert timedelta(0) <= SYSTEM + offset - (NOW + ahead) < timedelta(seconds=1)


def test_the_clock_is_not_moved_back() -> None:
    with pytest.raises(Conflict):
        offset_to(NOW, NOW, SYSTEM)


def stage(kind: str, state: str, **more: object) -> StageView:
    known: dict[str, object] = {
        "stage_id": uuid4(),
        "supplement": 0,
        "position": 0,
        "kind": kind,
        "title": "阶段",
        "article": "第二十条",
        "owner": "review",
        "state": state,
        "opens_at": None,
        "closes_at": None,
        "counted_days": [],
        "provisional": False,
        "waits_for": None,
        "stuck": False,
        "closed_at": None,
        "counted_from": None,
        "cases": None,
        "manifest_id": None,
        "manifest_digest": None,
    }
    return StageView.model_validate({**known, **more})


def cycle(*stages: StageView, state: str = "open") -> CycleView:
    category = CategoryView(
        category_id=UUID(int=3), key="k", name="项目", state=state, entries=None, released_at=None, stages=list(stages)
    )
    return CycleView(
        cycle_id=UUID(int=1),
        rulebook_id="r",
        rulebook_digest="d",
        year=2026,
        title="年度",
        state="open",
        unconfirmed=0,
        accept_unconfirmed_reason=None,
        opened_at=NOW,
        release_at=None,
        released_at=None,
        stuck=None,
        categories=[category],
    )


def test_a_row_says_where_it_stands_whom_it_waits_for_and_what_may_go_wrong() -> None:
    soon = NOW + timedelta(hours=5)
    found = cycle(
        stage("screening", "closed", cases=30, manifest_id=uuid4(), closed_at=NOW),
        stage("panel_review", "open", waits_for="expert", closes_at=soon, provisional=True, requested="extend"),
        stage("decision", "planned"),
    )

    row = row_of(found, found.categories[0], 0, NOW)

    assert [step.state for step in row.stages] == [StepState.DONE, StepState.CURRENT, StepState.FUTURE]
    assert (row.waiting_for, [(count.label, count.value) for count in row.counts]) == ("专家", [("初审后", 30)])
    assert [risk.badge.text for risk in row.risks] == ["将届满", "预计", "已请求"]


def test_a_stuck_stage_is_counted_and_loud() -> None:
    found = cycle(stage("screening", "open", stuck=True))

    overview = overview_of([found], NOW)

    assert overview.groups[0].rows[0].stages[0].state is StepState.STUCK
    assert {total.label: total.value for total in overview.totals}["受阻"] == 1


def test_a_refilled_seat_has_a_row_of_its_own() -> None:
    found = cycle(stage("publicity", "open"), stage("consultation", "open", supplement=1))

    assert [row.name for row in overview_of([found], NOW).groups[0].rows] == ["项目", "项目（增补1）"]


def test_a_closed_window_ends_on_the_last_day_of_its_term_and_a_supplement_counts_its_own_entries() -> None:
    ends = datetime(2026, 3, 13, 16, tzinfo=UTC)
    notice = {
        "opens_at": datetime(2026, 3, 6, 1, tzinfo=UTC),
        "closes_at": ends,
        "closed_at": ends + timedelta(seconds=6),
    }
    found = cycle(stage("publicity", "closed", **notice), stage("publicity", "closed", supplement=1, **notice))
    released = found.categories[0].model_copy(update={"entries": 9})

    rows = overview_of([found.model_copy(update={"categories": [released]})], NOW).groups[0].rows

    assert rows[0].stages[0].term == "3月6日—3月13日"
    assert [[count.value for count in row.counts if count.label == "发布"] for row in rows] == [[9], []]


def test_a_term_shows_its_counted_days() -> None:
    days = ["2026-03-02", "2026-03-03"]
    found = stage("screening", "open", closes_at=NOW + timedelta(days=2), counted_days=days)

    term = term_of(found, business_date(NOW))

    assert term is not None
    assert (term.working_days_left, [day.isoformat() for day in term.counted]) == (2, days)
    assert term_of(stage("screening", "open"), business_date(NOW)) is None


@pytest.mark.parametrize(
    ("kind", "role", "own", "expected"),
    [
        ("role", "office", False, True),
        ("role", "expert", False, False),
        ("enterprise", None, True, True),
        ("enterprise", None, False, False),
    ],
)
def test_a_notice_is_read_by_its_addressee_only(kind: str, role: str | None, own: bool, expected: bool) -> None:
    recipient = uuid4()

    found = is_addressed(kind, recipient, role, uuid4(), {recipient} if own else set(), {"office"})

    assert found is expected


def test_a_notice_has_a_number_and_a_heading() -> None:
    assert number_of(2026, 17) == "通知〔2026〕17号"
    assert (title_of("rectification_asked"), title_of("newer")) == ("请在期限内整改", "请查看办理事项")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/x", "/\\evil.example", "x", "", None])
def test_a_way_on_never_leaves_the_site(target: str | None) -> None:
    assert own_path(target, "/office") == "/office"


def test_everybody_begins_where_their_work_is() -> None:
    assert [home_of([role]) for role in ("office", "enterprise", "expert", "operator", "auditor")] == [
        "/office",
        "/portal",
        "/expert",
        "/office/operations",
        "/office/audit",
    ]


def notice_2027() -> str:
    return (
        '{"year": 2027, "paper": "国办发明电〔2026〕9号", "published_on": "2026-11-05", "days": ['
        + ",".join(
            f'{{"day": "{day}", "kind": "rest", "name": "{name}"}}'
            for day, name in [
                ("2027-01-01", "元旦"),
                ("2027-02-05", "春节"),
                ("2027-02-06", "春节"),
                ("2027-02-07", "春节"),
                ("2027-02-08", "春节"),
                ("2027-02-09", "春节"),
                ("2027-04-05", "清明节"),
                ("2027-05-01", "劳动节"),
                ("2027-05-02", "劳动节"),
                ("2027-06-09", "端午节"),
                ("2027-09-15", "中秋节"),
                ("2027-10-01", "国庆节"),
                ("2027-10-02", "国庆节"),
                ("2027-10-03", "国庆节"),
            ]
        )
        + "]}"
    )


def test_an_import_makes_provisional_terms_certain() -> None:
    calendar = load_shipped_calendar()
    across = count_term(calendar, business_date(datetime(2026, 12, 28, 1, tzinfo=UTC)), 5, "working_days")
    firm = count_term(calendar, business_date(NOW), 5, "working_days")
    first, second = uuid4(), uuid4()

    moves = moves_under(
        calendar.with_year(parse_notice(notice_2027())), [OpenTerm(first, across), OpenTerm(second, firm)]
    )

    assert across.provisional
    assert [move.stage_id for move in moves] == [first]
    assert isinstance(moves[0], TermMove)
    assert (moves[0].provisional_before, moves[0].provisional_after) == (True, False)
