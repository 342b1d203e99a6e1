"""The rules that bind a stage of review: its category and parameters, from the rulebook its cycle pinned."""

from collections.abc import Iterable

from services.review.domain.undertaking import UndertakingText, undertaking_text
from shared.infra.rulebooks import by_digest
from shared.infra.tables import Stage
from shared.rulebook import Category, Rulebook, StageKind
from shared.rulebook.stages import EventOrderingParams, PanelReviewParams


def category_of(stage: Stage) -> Category:
    """The category under review, in the pinned version."""
    return book_of(stage).category(stage.category_key)


def panel_rules(stage: Stage) -> PanelReviewParams:
    """Pools, seats, quorum and terms of a panel review."""
    params = _params(stage, StageKind.PANEL_REVIEW)
    if not isinstance(params, PanelReviewParams):
        raise TypeError(f"stage {stage.stage_id} is no panel review")
    return params


def ordering_rules(stage: Stage) -> EventOrderingParams:
    """Quorum and term of an ordering of events."""
    params = _params(stage, StageKind.EVENT_ORDERING)
    if not isinstance(params, EventOrderingParams):
        raise TypeError(f"stage {stage.stage_id} is no ordering of events")
    return params


def appointed_score(stage: Stage) -> bool:
    """Whether appointed members fill in sheets beside the drawn ones; where events are ordered there are no sheets."""
    return stage.kind == StageKind.PANEL_REVIEW and panel_rules(stage).scored_by == "drawn_and_appointed"


def undertaking_of(stage: Stage) -> UndertakingText:
    """The undertaking of the stage's cycle, as its pinned rulebook has it."""
    kind = StageKind(stage.kind)
    rules = ordering_rules(stage) if kind is StageKind.EVENT_ORDERING else panel_rules(stage)
    return undertaking_text(rules.undertaking_text)


def pool_names(books: Iterable[Rulebook]) -> dict[str, str]:
    """Key → name of every pool that these rulebooks draw from."""
    stages = [stage for book in books for category in book.categories for stage in category.stages]
    panels = [stage.params for stage in stages if isinstance(stage.params, PanelReviewParams)]
    return {pool.key: pool.name for params in panels for pool in params.pools}


def book_of(stage: Stage) -> Rulebook:
    """The rulebook that the stage's cycle pinned."""
    return by_digest(stage.rulebook_id, stage.rulebook_digest)


def title_of(stage: Stage) -> str:
    """The stage's printed title."""
    found = category_of(stage).stage(StageKind(stage.kind))
    return found.title if found else stage.kind


def minimum(stage: Stage) -> int | None:
    """The lawful least length of the stage's main term, if the rulebook prints one."""
    if stage.kind == StageKind.PANEL_REVIEW:
        return panel_rules(stage).scoring.minimum
    return ordering_rules(stage).term.minimum


def _params(stage: Stage, kind: StageKind) -> object:
    found = category_of(stage).stage(kind)
    if found is None:
        raise TypeError(f"category {stage.category_key} has no stage {kind}")
    return found.params
