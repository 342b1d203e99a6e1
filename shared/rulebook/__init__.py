"""The rule engine: regulations as data, validated as a whole, scored exactly and explained. Pure: no clock, no IO.

``load_rulebook`` reads a text; ``Category`` answers what its form, stages and scorecard are; ``score_case`` scores.
The shipped files are read by ``shared.infra.rulebooks``.
"""

from shared.rulebook.eligibility import EligibilityProblem, check_eligibility, missing_evidence
from shared.rulebook.figures import Figure, Figures, as_json, rounded, shown
from shared.rulebook.forms import ReadFigures, check_figures, read_figures
from shared.rulebook.loader import RulebookProblem, RulebookRefused, load_rulebook
from shared.rulebook.models import (
    STAGE_SERVICE,
    Category,
    Fact,
    Rulebook,
    Setting,
    Stage,
    StageKind,
    Term,
    TermUnit,
)
from shared.rulebook.scoring import (
    ALONE,
    Case,
    CaseResult,
    Explanation,
    Population,
    Scorecard,
    combine_sheet,
    explain,
    mean,
    population_of,
    score_case,
)
from shared.rulebook.sheets import (
    ExpertItem,
    check_overrides,
    check_sheet,
    computed_items,
    expert_items,
    reference_facts,
)

__all__ = [
    "ALONE",
    "STAGE_SERVICE",
    "Case",
    "CaseResult",
    "Category",
    "EligibilityProblem",
    "ExpertItem",
    "Explanation",
    "Fact",
    "Figure",
    "Figures",
    "Population",
    "ReadFigures",
    "Rulebook",
    "RulebookProblem",
    "RulebookRefused",
    "Scorecard",
    "Setting",
    "Stage",
    "StageKind",
    "Term",
    "TermUnit",
    "as_json",
    "check_eligibility",
    "check_figures",
    "check_overrides",
    "check_sheet",
    "combine_sheet",
    "computed_items",
    "expert_items",
    "explain",
    "load_rulebook",
    "mean",
    "missing_evidence",
    "population_of",
    "read_figures",
    "reference_facts",
    "rounded",
    "score_case",
    "shown",
]
