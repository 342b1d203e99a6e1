"""Scoring by rule: the card, the kinds of rule, and the scorer. Importing the families registers their kinds."""

from shared.rulebook.scoring import banded, compared, judged, target
from shared.rulebook.scoring.card import Group, Option, Scorecard, Variant, Veto, ZeroCondition
from shared.rulebook.scoring.explained import Explanation
from shared.rulebook.scoring.rule import ALONE, Case, Item, Population, Rule, rule_kinds
from shared.rulebook.scoring.score import (
    CaseResult,
    combine_sheet,
    explain,
    population_of,
    score_case,
)

RULE_FAMILIES = (judged, banded, compared, target)

__all__ = [
    "ALONE",
    "RULE_FAMILIES",
    "Case",
    "CaseResult",
    "Explanation",
    "Group",
    "Item",
    "Option",
    "Population",
    "Rule",
    "Scorecard",
    "Variant",
    "Veto",
    "ZeroCondition",
    "combine_sheet",
    "explain",
    "population_of",
    "rule_kinds",
    "score_case",
]
