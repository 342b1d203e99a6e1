"""Which stages a category has, which one is next, and what it works on. Pure: rows come as frozen standings."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.refusals import Conflict, Refusal
from shared.kernel.stages import StageChange
from shared.rulebook import STAGE_SERVICE, Category, Rulebook, StageKind

START_AGAIN = timedelta(seconds=15)
ARTICLE_OF_INTERPRETATION = "第二十五条"


class PlanState(StrEnum):
    """A planned stage: planned → started → (its owner's row) open ⇄ paused → closed; or cancelled."""

    PLANNED = "planned"
    STARTED = "started"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class TrackState(StrEnum):
    """A run of stages, the main one or that of a refilled seat."""

    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


class CategoryState(StrEnum):
    """A category as people see it."""

    PLANNED = "planned"
    OPEN = "open"
    AWAITING_RELEASE = "awaiting_release"
    RELEASED = "released"
    CANCELLED = "cancelled"


class CycleState(StrEnum):
    """A cycle as people see it."""

    OPEN = "open"
    RELEASED = "released"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class PlannedStage:
    """A stage as planned from the rulebook."""

    stage_id: UUID
    position: int
    kind: str
    title: str
    article: str
    owner: str


@dataclass(frozen=True)
class Standing:
    """How a stage of a track stands, as far as office has heard."""

    stage_id: UUID
    position: int
    kind: str
    state: PlanState
    started_at: datetime | None = None
    closed_at: datetime | None = None
    counted_from: datetime | None = None
    manifest_id: UUID | None = None
    manifest_digest: str | None = None
    manifest_source: str | None = None


@dataclass(frozen=True)
class Handover:
    """What a stage works on: the newest manifest of its track, and the instant its term counts from."""

    manifest_id: UUID | None = None
    manifest_digest: str | None = None
    manifest_source: str | None = None
    counted_from: datetime | None = None


@dataclass(frozen=True)
class Step:
    """What a track's workflow does next: ``start`` the stage, ``close`` the track, or ``wait``."""

    step: str
    stage_id: UUID | None = None
    wait: timedelta | None = None


def plan_main_track(category_id: UUID, category: Category) -> tuple[PlannedStage, ...]:
    """All stages of the rulebook in order, the release included."""
    return tuple(
        PlannedStage(
            stage_id=derived_id("stage", category_id, 0, position),
            position=position,
            kind=stage.kind.value,
            title=stage.title,
            article=stage.article,
            owner=STAGE_SERVICE[stage.kind],
        )
        for position, stage in enumerate(category.stages)
    )


def plan_supplement(category_id: UUID, category: Category, supplement: int) -> tuple[PlannedStage, ...]:
    """Consultation and publicity of its own for a refilled seat."""
    kinds = (StageKind.CONSULTATION, StageKind.PUBLICITY)
    stages = [stage for stage in category.stages if stage.kind in kinds]
    return tuple(
        PlannedStage(
            stage_id=derived_id("stage", category_id, supplement, position),
            position=position,
            kind=stage.kind.value,
            title=f"{stage.title}（增补{supplement}）",
            article=stage.article,
            owner=STAGE_SERVICE[stage.kind],
        )
        for position, stage in enumerate(stages)
    )


def in_order(track: Iterable[Standing]) -> list[Standing]:
    """The stages that the track's workflow runs: all but the release, which the cycle runs."""
    return sorted((one for one in track if one.kind != StageKind.RELEASE), key=lambda one: one.position)


def next_step(track: Iterable[Standing], now: datetime) -> Step:
    """The next step of a track. A start that its owner has not answered is tried again after a while."""
    stages = in_order(track)
    if any(one.state is PlanState.CANCELLED for one in stages):
        return Step("close")
    current = next((one for one in stages if one.state is not PlanState.CLOSED), None)
    if current is None:
        return Step("close")
    if current.state not in (PlanState.PLANNED, PlanState.STARTED):
        return Step("wait")
    over = START_AGAIN - (now - current.started_at) if current.started_at else timedelta(0)
    return Step("wait", wait=over) if over > timedelta(0) else Step("start", current.stage_id)


def handover(track: Iterable[Standing], before: int, given: Handover) -> Handover:
    """What the stage at position ``before`` works on; ``given`` is what the track itself began with."""
    done = [one for one in in_order(track) if one.position < before and one.state is PlanState.CLOSED]
    frozen = next((one for one in reversed(done) if one.manifest_id is not None), None)
    counted_from = (done[-1].counted_from or done[-1].closed_at) if done else given.counted_from
    if frozen is None:
        return Handover(given.manifest_id, given.manifest_digest, given.manifest_source, counted_from)
    return Handover(frozen.manifest_id, frozen.manifest_digest, frozen.manifest_source, counted_from)


def choose_categories(rulebook: Rulebook, wanted: Sequence[str]) -> tuple[Category, ...]:
    """The categories to open, in the rulebook's order; none named means all."""
    known = {category.key for category in rulebook.categories}
    for key in wanted:
        if key not in known:
            raise Refusal("unknown_category", f"实施办法中没有发布项目“{key}”。", field="categories")
    return tuple(category for category in rulebook.categories if not wanted or category.key in wanted)


def require_readings_accepted(rulebook: Rulebook, reason: str | None) -> None:
    """Refuse to open a cycle on unconfirmed readings without somebody saying why."""
    unconfirmed = rulebook.unconfirmed()
    if unconfirmed and not (reason or "").strip():
        printed = any(article.number == ARTICLE_OF_INTERPRETATION for article in rulebook.articles)
        raise Refusal(
            "unconfirmed_readings",
            f"实施办法有{len(unconfirmed)}处条文理解尚未经解释确认，按未确认的理解启动须写明理由。",
            field="accept_unconfirmed_reason",
            article=ARTICLE_OF_INTERPRETATION if printed else None,
        )


def require_changeable(state: str, change: StageChange, days: int | None) -> None:
    """Refuse to ask for a change of a stage that does not run, or an extension by no days."""
    if state not in (PlanState.OPEN, PlanState.PAUSED):
        raise Conflict("stage_not_running", "本阶段尚未开始或已经结束，不能变更。")
    if change is StageChange.EXTEND and (days is None or not 1 <= days <= 60):
        raise Refusal("bad_days", "延长须写明1至60日。", field="days")


def all_ended(states: Collection[str]) -> bool:
    """Whether no main track runs any more."""
    return all(state != TrackState.RUNNING for state in states)
