"""The rule engine: regulations as data, validated as a whole, scored exactly and explained. Pure: no clock, no IO.

``load_rulebook`` reads a text; ``Category`` answers what its form, stages and scorecard are; ``score_case`` scores.
The shipped files are read by ``shared.infra.rulebooks``.
"""

from shared.rulebook.aggregation import TrimmedMean, mean
from shared.rulebook.consistency.crosschecking import check_case, crosscheck, files_of, read_report
from shared.rulebook.consistency.declaration import Consistency
from shared.rulebook.consistency.findings import Finding, Severity
from shared.rulebook.consistency.report import Report, Unreadable
from shared.rulebook.eligibility import EligibilityProblem, check_eligibility, missing_evidence
from shared.rulebook.explaining import Step, steps
from shared.rulebook.figures import Figure, Figures, as_json, rounded, shown
from shared.rulebook.forms import ReadFigures, check_figures, read_figures
from shared.rulebook.formulas import formulas_of
from shared.rulebook.loader import RulebookProblem, RulebookRefused, load_rulebook
from shared.rulebook.models import (
    STAGE_SERVICE,
    Category,
    ChecklistPoint,
    EvidenceKind,
    Fact,
    Outcome,
    Rulebook,
    Setting,
    Stage,
    StageKind,
    Term,
    TermUnit,
)
from shared.rulebook.reporting.building import report_tables
from shared.rulebook.reporting.table import ReportColumn, ReportTable
from shared.rulebook.scoring import (
    ALONE,
    Case,
    CaseResult,
    Explanation,
    Population,
    Scorecard,
    combine_sheet,
    explain,
    population_of,
    score_case,
)
from shared.rulebook.sheets import (
    ExpertItem,
    check_overrides,
    check_sheet,
    computed_items,
    expert_items,
    missing_reasons,
    reference_facts,
)
from shared.rulebook.stages import terms_of

__all__ = [
    "ALONE",
    "STAGE_SERVICE",
    "Case",
    "CaseResult",
    "Category",
    "ChecklistPoint",
    "Consistency",
    "EligibilityProblem",
    "EvidenceKind",
    "ExpertItem",
    "Explanation",
    "Fact",
    "Figure",
    "Figures",
    "Finding",
    "Outcome",
    "Population",
    "ReadFigures",
    "Report",
    "ReportColumn",
    "ReportTable",
    "Rulebook",
    "RulebookProblem",
    "RulebookRefused",
    "Scorecard",
    "Setting",
    "Severity",
    "Stage",
    "StageKind",
    "Step",
    "Term",
    "TermUnit",
    "TrimmedMean",
    "Unreadable",
    "as_json",
    "check_case",
    "check_eligibility",
    "check_figures",
    "check_overrides",
    "check_sheet",
    "combine_sheet",
    "computed_items",
    "crosscheck",
    "expert_items",
    "explain",
    "files_of",
    "formulas_of",
    "load_rulebook",
    "mean",
    "missing_evidence",
    "missing_reasons",
    "population_of",
    "read_figures",
    "read_report",
    "reference_facts",
    "report_tables",
    "rounded",
    "score_case",
    "shown",
    "steps",
    "terms_of",
]
