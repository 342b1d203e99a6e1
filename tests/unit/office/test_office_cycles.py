"""Which stages are planned, which one is next, what it works on."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.office.cycles import domain
from services.office.cycles.domain import Handover, PlanState, Standing, Step
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import Conflict, Refusal
from shared.kernel.stages import StageChange

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CATEGORY = UUID(int=7)
QINGDAO = load_shipped()["qingdao-economic-achievements"]
GIANT = load_shipped()["little-giant-performance"]


def stage(position: int, state: PlanState, kind: str = "screening", **more: object) -> Standing:
    return Standing(stage_id=UUID(int=position), position=position, kind=kind, state=state, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("category", [*QINGDAO.categories, *GIANT.categories], ids=lambda category: category.key)
def test_the_main_track_is_the_rulebooks_stages_in_order(category) -> None:  # type: ignore[no-untyped-def]
    planned = domain.plan_main_track(CATEGORY, category)

    assert [one.kind for one in planned] == [one.kind.value for one in category.stages]
    assert planned == domain.plan_main_track(CATEGORY, category)
    assert len({one.stage_id for one in planned}) == len(planned)


def test_a_refilled_seat_is_consulted_on_and_posted() -> None:
    category = QINGDAO.category("new_quality_pioneer")

    planned = domain.plan_supplement(CATEGORY, category, 2)

    assert [(one.kind, one.title) for one in planned] == [
        ("consultation", "意见征询（增补2）"),
        ("publicity", "结果公示（增补2）"),
    ]
    main = {one.stage_id for one in domain.plan_main_track(CATEGORY, category)}
    assert main.isdisjoint(one.stage_id for one in planned)


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        ([stage(0, PlanState.PLANNED)], Step("start", UUID(int=0))),
        ([stage(0, PlanState.CLOSED), stage(1, PlanState.PLANNED)], Step("start", UUID(int=1))),
        ([stage(0, PlanState.OPEN), stage(1, PlanState.PLANNED)], Step("wait")),
        ([stage(0, PlanState.PAUSED), stage(1, PlanState.PLANNED)], Step("wait")),
        ([stage(0, PlanState.CLOSED), stage(1, PlanState.PLANNED, kind="release")], Step("close")),
        ([stage(0, PlanState.CANCELLED), stage(1, PlanState.CANCELLED)], Step("close")),
        (
            [stage(0, PlanState.STARTED, started_at=NOW - timedelta(seconds=10))],
            Step("wait", wait=timedelta(seconds=5)),
        ),
        ([stage(0, PlanState.STARTED, started_at=NOW - timedelta(seconds=31))], Step("start", UUID(int=0))),
    ],
    ids=["first", "next", "open", "paused", "all but the release", "cancelled", "not answered yet", "start again"],
)
def test_the_next_step_of_a_track(track: list[Standing], expected: Step) -> None:
    assert domain.next_step(track, NOW) == expected


def test_a_stage_works_on_the_newest_manifest_and_counts_from_the_last_end() -> None:
    manifest, posted = uuid4(), NOW - timedelta(days=3)
    track = [
        stage(0, PlanState.CLOSED, closed_at=NOW - timedelta(days=4), counted_from=posted),
        stage(1, PlanState.CLOSED, closed_at=NOW, manifest_id=manifest, manifest_digest="d", manifest_source="review"),
        stage(2, PlanState.CLOSED, closed_at=NOW + timedelta(days=1)),
        stage(3, PlanState.PLANNED),
    ]

    assert domain.handover(track, 1, Handover()) == Handover(counted_from=posted)
    assert domain.handover(track, 3, Handover()) == Handover(manifest, "d", "review", NOW + timedelta(days=1))


def test_a_supplement_begins_with_the_manifest_of_its_decision() -> None:
    given = Handover(uuid4(), "d", "ranking")

    assert domain.handover([stage(0, PlanState.PLANNED)], 0, given) == given


def test_unconfirmed_readings_need_a_reason_and_name_the_article() -> None:
    with pytest.raises(Refusal) as refused:
        domain.require_readings_accepted(QINGDAO, "  ")

    assert (refused.value.code, refused.value.article) == ("unconfirmed_readings", "第二十五条")
    domain.require_readings_accepted(QINGDAO, "演练")


def test_categories_are_opened_in_the_rulebooks_order() -> None:
    chosen = domain.choose_categories(QINGDAO, ["new_quality_pioneer", "economic_event"])

    assert [one.key for one in chosen] == ["economic_event", "new_quality_pioneer"]
    assert domain.choose_categories(QINGDAO, []) == QINGDAO.categories


def test_a_change_fits_a_running_stage_only() -> None:
    domain.require_changeable("open", StageChange.EXTEND, 3)
    with pytest.raises(Conflict):
        domain.require_changeable("closed", StageChange.PAUSE, None)
    with pytest.raises(Refusal, match="bad_days"):
        domain.require_changeable("open", StageChange.EXTEND, 0)
