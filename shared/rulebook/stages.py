"""Stages of a category with typed parameters: which service owns each kind, and how its terms are counted."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.rulebook.aggregation import TrimmedMean
from shared.rulebook.base import Count, Exact, Frozen, Key, Label


class StageKind(StrEnum):
    """The fixed kinds of stage; a rulebook orders them, it cannot invent one."""

    CALL = "call"
    APPLICATION_WINDOW = "application_window"
    INTAKE = "intake"
    NOMINATION = "nomination"
    SCREENING = "screening"
    PUBLIC_VOTE = "public_vote"
    PANEL_REVIEW = "panel_review"
    EVENT_ORDERING = "event_ordering"
    EVALUATION = "evaluation"
    DECISION = "decision"
    CONSULTATION = "consultation"
    PUBLICITY = "publicity"
    RELEASE = "release"


STAGE_SERVICE: dict[StageKind, str] = {
    StageKind.CALL: "publication",
    StageKind.APPLICATION_WINDOW: "submission",
    StageKind.INTAKE: "submission",
    StageKind.NOMINATION: "submission",
    StageKind.SCREENING: "submission",
    StageKind.PUBLIC_VOTE: "publication",
    StageKind.PANEL_REVIEW: "review",
    StageKind.EVENT_ORDERING: "review",
    StageKind.EVALUATION: "ranking",
    StageKind.DECISION: "ranking",
    StageKind.CONSULTATION: "ranking",
    StageKind.PUBLICITY: "publication",
    StageKind.RELEASE: "publication",
}


SCORING_STAGES = frozenset({StageKind.PANEL_REVIEW, StageKind.EVENT_ORDERING, StageKind.EVALUATION})
"""The stages whose results a committee decides on."""


class TermUnit(StrEnum):
    """What a term counts."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


class Term(Frozen):
    """A term: counts from the day after its event and ends at 24:00 of the last counted day.

    ``minimum`` is the lawful least length in the same unit; ``setting`` names the reading behind an unprinted length.
    """

    length: Annotated[Count, Field(ge=1, le=400)]
    unit: TermUnit
    start: Literal["next_day"] = "next_day"
    end: Literal["24:00"] = "24:00"
    minimum: Annotated[Count, Field(ge=1)] | None = None
    setting: Key | None = None

    def words(self) -> str:
        """The term for people, such as 5个工作日."""
        return f"{self.length}个{'工作日' if self.unit is TermUnit.WORKING_DAYS else '自然日'}"


class CallParams(Frozen):
    """Where the call must be posted."""

    channels: tuple[Label, ...]


class ApplicationWindowParams(Frozen):
    """How long filing is open; the reminder comes so many counted days before the end."""

    term: Term
    reminder_days_before: Count


class IntakeParams(Frozen):
    """Where the office takes the cases from."""

    source: Label
    term: Term | None = None


class NominationParams(Frozen):
    """Who nominates and how many are kept."""

    nominated_by: Label
    count: Annotated[Count, Field(ge=1)]
    term: Term | None = None


class ScreeningParams(Frozen):
    """The term for putting a filing right."""

    rectification: Term
    reminder_days_before: Count


class PublicVoteParams(Frozen):
    """The vote; ``shown_only``: counts are shown to the committee and not mixed into its order."""

    term: Term
    choices: Annotated[Count, Field(ge=1)]
    weight: Literal["shown_only"] = "shown_only"


class Pool(Frozen):
    """A pool of experts and how many at least come from it."""

    key: Key
    name: Label
    min: Count


class PanelReviewParams(Frozen):
    """Draw, undertakings, scoring and quorum of a panel; the case's score is the exact mean of its signed sheets,
    or one without the highest and lowest.

    ``remote_scoring`` False: only who attended the recorded meeting in person signs. ``undertaking_text``: what experts
    promise, where the rulebook prints it.
    ``scored_by``: whether appointed members score beside the drawn ones; quorum and pools count the drawn ones alone.
    ``earlier_panel_years``: whoever judged a subject less than so many years ago is not drawn for it; 0: no such rule.
    """

    pools: Annotated[tuple[Pool, ...], Field(min_length=1)]
    min_experts: Annotated[Count, Field(ge=1)]
    quorum: Annotated[Count, Field(ge=1)]
    alternates_per_pool: Count
    undertaking: Term
    scoring: Term
    step: Exact
    aggregate: Literal["mean"] | TrimmedMean = "mean"
    scored_by: Literal["drawn", "drawn_and_appointed"] = "drawn"
    remote_scoring: bool = True
    undertaking_text: tuple[Label, ...] = ()
    earlier_panel_years: Count = 0


class EventOrderingParams(Frozen):
    """Order sheets over the nominated; places are added, ties go to the chair with a reason."""

    term: Term
    quorum: Annotated[Count, Field(ge=1)]
    aggregate: Literal["place_sum"] = "place_sum"
    ties: Literal["chair_with_reason"] = "chair_with_reason"
    undertaking_text: tuple[Label, ...] = ()


class EvaluationParams(Frozen):
    """Scoring by rule, without experts' sheets."""

    rank: Literal["none", "by_total", "within_variant"]


class Outcome(Frozen):
    """What the office may decide of a case. ``favourable``: not open to a vetoed case."""

    id: Key
    label: Label
    favourable: bool = False
    reason_required: bool = False


RECOMMENDATION = (
    Outcome(id="recommended", label="推荐", favourable=True),
    Outcome(id="not_recommended", label="不推荐", reason_required=True),
)


class DecisionParams(Frozen):
    """What is decided, by whom, and that a departure from the ranking needs a reason.

    ``outcomes``: between which the office decides case by case; none written: 推荐 and 不推荐.
    """

    decides: Literal["shortlist", "recommendation", "ordering"]
    decided_by: Literal["guidance_committee", "office"]
    both_co_chairs: bool
    departure_needs_reason: bool
    outcomes: tuple[Outcome, ...] = ()

    @property
    def case_outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes a case may have, in printed order; none where a list at a quota is decided."""
        return (self.outcomes or RECOMMENDATION) if self.decides == "recommendation" else ()


class ConsultationParams(Frozen):
    """Which departments are asked, for how long, and what silence means."""

    term: Term
    departments: Annotated[tuple[Label, ...], Field(min_length=1)]
    silence: Literal["no_objection"] = "no_objection"


class PublicityParams(Frozen):
    """How long the list is posted for objections, and where."""

    term: Term
    channel: Label


class ReleaseParams(Frozen):
    """The month of release, 1 to 12; None where none is printed."""

    month: Annotated[Count, Field(ge=1, le=12)] | None = None


class _Stage(Frozen):
    title: Label
    article: Label


class CallStage(_Stage):
    """启动: the call is posted."""

    kind: Literal[StageKind.CALL]
    params: CallParams


class ApplicationWindowStage(_Stage):
    """申报."""

    kind: Literal[StageKind.APPLICATION_WINDOW]
    params: ApplicationWindowParams


class IntakeStage(_Stage):
    """Cases come from data the office takes in."""

    kind: Literal[StageKind.INTAKE]
    params: IntakeParams


class NominationStage(_Stage):
    """提名 by the media."""

    kind: Literal[StageKind.NOMINATION]
    params: NominationParams


class ScreeningStage(_Stage):
    """初审 with rectification."""

    kind: Literal[StageKind.SCREENING]
    params: ScreeningParams


class PublicVoteStage(_Stage):
    """公众投票."""

    kind: Literal[StageKind.PUBLIC_VOTE]
    params: PublicVoteParams


class PanelReviewStage(_Stage):
    """专家审查."""

    kind: Literal[StageKind.PANEL_REVIEW]
    params: PanelReviewParams


class EventOrderingStage(_Stage):
    """评议排序 of events."""

    kind: Literal[StageKind.EVENT_ORDERING]
    params: EventOrderingParams


class EvaluationStage(_Stage):
    """Scoring by rule."""

    kind: Literal[StageKind.EVALUATION]
    params: EvaluationParams


class DecisionStage(_Stage):
    """研究决定."""

    kind: Literal[StageKind.DECISION]
    params: DecisionParams


class ConsultationStage(_Stage):
    """意见征询."""

    kind: Literal[StageKind.CONSULTATION]
    params: ConsultationParams


class PublicityStage(_Stage):
    """公示."""

    kind: Literal[StageKind.PUBLICITY]
    params: PublicityParams


class ReleaseStage(_Stage):
    """发布."""

    kind: Literal[StageKind.RELEASE]
    params: ReleaseParams


Stage = Annotated[
    CallStage
    | ApplicationWindowStage
    | IntakeStage
    | NominationStage
    | ScreeningStage
    | PublicVoteStage
    | PanelReviewStage
    | EventOrderingStage
    | EvaluationStage
    | DecisionStage
    | ConsultationStage
    | PublicityStage
    | ReleaseStage,
    Field(discriminator="kind"),
]


def terms_of(part: object) -> Iterator[Term]:
    """Every term in a stage or its parameters."""
    if isinstance(part, Term):
        yield part
    elif isinstance(part, Frozen):
        for name in type(part).model_fields:
            yield from terms_of(getattr(part, name))
