"""The rulebook: articles, settings, categories with form, scorecard, quota and stages; the loader checks the whole."""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.canonical import digest
from shared.rulebook.aggregation import TrimmedMean
from shared.rulebook.base import Count, Exact, Frozen, Key, Label
from shared.rulebook.conditions import Condition
from shared.rulebook.consistency.declaration import Consistency
from shared.rulebook.reporting.layout import TableLayout
from shared.rulebook.scoring.card import Scorecard, Variant
from shared.rulebook.stages import (
    SCORING_STAGES,
    STAGE_SERVICE,
    DecisionStage,
    Outcome,
    PanelReviewStage,
    Stage,
    StageKind,
    Term,
    TermUnit,
)

FactType = Literal["number", "integer", "boolean", "enum", "money_10k_cny", "percent", "year", "text"]
Unit = Annotated[str, Field(min_length=1, max_length=12)]
PublicField = Literal[
    "name", "unit", "credit_code", "industry", "district", "ownership", "rank", "score", "recommendation", "reason"
]


class Article(Frozen):
    """An article or attachment that rules may cite; ``label`` is a short paraphrase."""

    number: Label
    label: Label


class Confirmation(Frozen):
    """The interpretation decision that confirms a reading."""

    minute: Label
    date: date


class Setting(Frozen):
    """A place where the printed text is open: the reading chosen and why; not confirmed until a decision says so."""

    id: Key
    article: Label
    question: Label
    chosen: Label
    why: Label
    confirmed: Confirmation | None = None


class Choice(Frozen):
    """One allowed value of an enumerated fact and its printed wording."""

    value: Key
    label: Label


class Fact(Frozen):
    """One field of the form.

    ``role``: score facts enter a computed item; eligibility facts the entry check; reference facts are shown to the
    expert who judges the items in ``used_by``; crosscheck facts only meet the consistency checks and the scorer knows
    none of them. ``nullable``: the figure may not exist.
    """

    id: Key
    label: Label
    type: FactType
    unit: Unit | None = None
    min: Exact | None = None
    max: Exact | None = None
    nullable: bool
    role: Literal["score", "eligibility", "reference", "crosscheck"]
    filled_by: Literal["applicant", "office", "intake"] = "applicant"
    required: bool
    required_for: tuple[Key, ...] = ()
    allowed: tuple[Choice, ...] = ()
    multiple: bool = False
    used_by: tuple[Key, ...] = ()
    hint: Label | None = None

    @cached_property
    def choices(self) -> frozenset[str]:
        """The allowed values."""
        return frozenset(choice.value for choice in self.allowed)

    def required_in(self, variant: str | None) -> bool:
        """Whether a filing of this variant must hold the fact."""
        return self.required and (not self.required_for or variant in self.required_for)


class EligibilityRule(Frozen):
    """Who may enter. Without a condition a person decides (``by_hand``); ``warn`` never blocks."""

    id: Key
    article: Label
    label: Label
    effect: Literal["block", "warn", "by_hand"]
    condition: Condition | None = None


class EvidenceKind(Frozen):
    """A kind of evidence; ``required`` ones must be present at filing (of the variants named, else all)."""

    id: Key
    label: Label
    article: Label
    required: bool
    variants: tuple[Key, ...] = ()


class ChecklistPoint(Frozen):
    """Something the screener must have looked at, and ticked, before a filing can pass."""

    id: Key
    label: Label
    article: Label


class Quota(Frozen):
    """How many the list holds; kind ``none``: no number is required."""

    kind: Literal["fixed", "none"]
    count: Annotated[Count, Field(ge=1)] | None = None
    unit: Label
    article: Label


class SplitShare(Frozen):
    """A variant's share of the quota."""

    variant: Key
    count: Count


class Split(Frozen):
    """How the quota divides; ``in_principle`` (原则上): a departure needs a reason."""

    article: Label
    binding: Literal["in_principle", "strict"]
    shares: tuple[SplitShare, ...]


class TieBreak(Frozen):
    """A printed tie-break: the fact that decides among equal totals."""

    fact: Key
    direction: Literal["descending", "ascending"]
    article: Label


class Disclosure(Frozen):
    """What the public list shows; everything else stays in the auditor's bundle."""

    level: Literal["list", "list_and_scores"]
    public_fields: tuple[PublicField, ...]
    setting: Key | None = None

    @property
    def shown_fields(self) -> tuple[PublicField, ...]:
        """The fields that may be shown; scores only at their own level of disclosure."""
        if self.level == "list_and_scores":
            return self.public_fields
        return tuple(field for field in self.public_fields if field != "score")

    @property
    def shows_rank(self) -> bool:
        """Whether the order of a list may be known."""
        return bool({"rank", "score"} & set(self.shown_fields))


class Category(Frozen):
    """One list of the programme: who may enter, what the form holds, how it is scored, and the stages in order.

    ``subject_kind`` organisation: known by its name, with a credit code only where one is published.
    """

    key: Key
    name: Label
    article: Label
    subject_kind: Literal["enterprise", "person", "event", "case", "organisation"]
    who_may_enter: tuple[Label, ...]
    application_form: bool
    variants: tuple[Variant, ...] = ()
    eligibility: tuple[EligibilityRule, ...] = ()
    facts: tuple[Fact, ...] = ()
    evidence: tuple[EvidenceKind, ...] = ()
    checklist: tuple[ChecklistPoint, ...] = ()
    scorecard: Scorecard | None = None
    quota: Quota
    split: Split | None = None
    tie_breaks: tuple[TieBreak, ...] = ()
    tie: Literal["committee, not printed"] | None = None
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]

    @property
    def initials(self) -> str:
        """How the numbers of its cases begin, such as ``NQ`` for ``new_quality_pioneer``."""
        return "".join(word[0] for word in self.key.split("_")[:2]).upper()

    def fact(self, fact_id: str) -> Fact | None:
        """The form field of that id."""
        return self._facts_by_id.get(fact_id)

    @cached_property
    def _facts_by_id(self) -> dict[str, Fact]:
        return {fact.id: fact for fact in self.facts}

    def required_facts(self, variant: str | None) -> tuple[Fact, ...]:
        """The facts that a filing of this variant must hold, in form order."""
        known = self._required_facts.get(variant)
        return self._required_facts_of(variant) if known is None else known

    @cached_property
    def _required_facts(self) -> dict[str | None, tuple[Fact, ...]]:
        variants = (None, *(variant.id for variant in self.variants))
        return {variant: self._required_facts_of(variant) for variant in variants}

    def _required_facts_of(self, variant: str | None) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.facts if fact.required_in(variant))

    def stage(self, kind: StageKind) -> Stage | None:
        """The stage of that kind, if the category has one."""
        return next((stage for stage in self.stages if stage.kind is kind), None)

    @cached_property
    def case_outcomes(self) -> dict[str, Outcome]:
        """What the office may decide of a case, by id in printed order; empty where a committee fills a quota."""
        stage = self.stage(StageKind.DECISION)
        found = stage.params.case_outcomes if isinstance(stage, DecisionStage) else ()
        return {outcome.id: outcome for outcome in found}

    @cached_property
    def trimmed(self) -> TrimmedMean | None:
        """Which sheets of a panel are left out of a case's mean; None: none."""
        stage = self.stage(StageKind.PANEL_REVIEW)
        rule = stage.params.aggregate if isinstance(stage, PanelReviewStage) else None
        return rule if isinstance(rule, TrimmedMean) else None

    @cached_property
    def scored(self) -> bool:
        """Whether any stage scores or orders the cases before they are decided."""
        return any(stage.kind in SCORING_STAGES for stage in self.stages)


class Rulebook(Frozen):
    """A versioned set of rules; a cycle pins its digest."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
    title: Label
    short_title: Label
    issuer: Label
    version: Label
    effective_date: date
    disclosure: Disclosure
    articles: Annotated[tuple[Article, ...], Field(min_length=1)]
    settings: tuple[Setting, ...] = ()
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    consistency: Consistency | None = None
    report_tables: tuple[TableLayout, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the validated rules, lower-case hex."""
        return digest(self)

    def category(self, key: str) -> Category:
        """The category of that key.

        Raises:
            KeyError: there is none.
        """
        for category in self.categories:
            if category.key == key:
                return category
        raise KeyError(key)

    def setting(self, setting_id: str) -> Setting | None:
        """The setting of that id."""
        return next((setting for setting in self.settings if setting.id == setting_id), None)

    def unconfirmed(self) -> tuple[Setting, ...]:
        """Readings that no interpretation decision has confirmed; opening a cycle with them needs a named act."""
        return tuple(setting for setting in self.settings if setting.confirmed is None)


__all__ = [
    "STAGE_SERVICE",
    "Article",
    "Category",
    "ChecklistPoint",
    "Choice",
    "Confirmation",
    "Disclosure",
    "EligibilityRule",
    "EvidenceKind",
    "Fact",
    "Outcome",
    "Quota",
    "Rulebook",
    "Setting",
    "Split",
    "SplitShare",
    "Stage",
    "StageKind",
    "Term",
    "TermUnit",
    "TieBreak",
]
