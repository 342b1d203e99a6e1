"""Which rules a stage of ours runs under: the pinned rulebook, its category and the stage's parameters."""

from dataclasses import dataclass

from services.ranking.domain.decisions import Quota
from shared.infra.rulebooks import by_digest
from shared.infra.tables import Stage as StageRow
from shared.kernel.refusals import Refusal
from shared.rulebook import Category, Rulebook, StageKind
from shared.rulebook.stages import ConsultationParams, ConsultationStage, DecisionParams, DecisionStage, EvaluationStage

SHORTLIST_WORDS = {"shortlisted": "入围", "not_shortlisted": "不入围"}


@dataclass(frozen=True)
class StageRules:
    """The rulebook and category of a stage."""

    rulebook: Rulebook
    category: Category

    @property
    def decision(self) -> DecisionParams:
        """What is decided, by whom."""
        return self.deciding.params

    @property
    def consultation(self) -> ConsultationParams:
        """Which departments are asked, for how long."""
        return self.asking.params

    @property
    def asking(self) -> ConsultationStage:
        """The stage in which departments are asked."""
        stage = self.category.stage(StageKind.CONSULTATION)
        if not isinstance(stage, ConsultationStage):
            raise Refusal("no_such_stage", f"“{self.category.name}”没有意见征询阶段。")
        return stage

    @property
    def recommends(self) -> bool:
        """Whether the office records an outcome a case instead of a shortlist at a quota."""
        return bool(self.category.case_outcomes)

    def label_of(self, outcome: str) -> str:
        """An outcome in the rulebook's words, or those of a shortlist."""
        declared = self.category.case_outcomes.get(outcome)
        return declared.label if declared else SHORTLIST_WORDS[outcome]

    def is_favourable(self, outcome: str) -> bool:
        """Whether it is what a case hopes for."""
        declared = self.category.case_outcomes.get(outcome)
        return declared.favourable if declared else outcome == "shortlisted"

    @property
    def deciding(self) -> DecisionStage:
        """The stage in which is decided."""
        stage = self.category.stage(StageKind.DECISION)
        if not isinstance(stage, DecisionStage):
            raise Refusal("no_such_stage", f"“{self.category.name}”没有研究决定阶段。")
        return stage

    @property
    def ranks(self) -> bool:
        """Whether cases are compared with one another at all; an evaluation against own targets does not."""
        stage = self.category.stage(StageKind.EVALUATION)
        return self.category.scored and not (isinstance(stage, EvaluationStage) and stage.params.rank == "none")

    @property
    def scored_by_rule(self) -> bool:
        """Whether scores are totals by rule and not means of experts' sheets."""
        return self.category.stage(StageKind.EVALUATION) is not None

    @property
    def quota(self) -> Quota:
        """The quota of the category."""
        return Quota.of(self.category)

    @property
    def discloses_reason(self) -> bool:
        """Whether a reason may leave for the public list."""
        return "reason" in self.rulebook.disclosure.public_fields


def rules_of(stage: StageRow) -> StageRules:
    """The rules of a stage."""
    return rules_for(stage.rulebook_id, stage.rulebook_digest, stage.category_key)


def rules_for(rulebook_id: str, digest: str, category_key: str) -> StageRules:
    """The rules under a pinned digest; refuses a version this installation does not hold."""
    rulebook = by_digest(rulebook_id, digest)
    return StageRules(rulebook, rulebook.category(category_key))


def minimum_days(stage: StageRow) -> int | None:
    """The lawful minimum of the stage's term, which an advance never shortens."""
    if stage.kind != StageKind.CONSULTATION:
        return None
    term = rules_of(stage).consultation.term
    return term.minimum
