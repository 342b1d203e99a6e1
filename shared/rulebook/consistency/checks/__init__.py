"""The kinds of consistency checks. Each is one class that says what it finds."""

from typing import Annotated

from pydantic import Field

from shared.rulebook.consistency.checks.claims import Claims
from shared.rulebook.consistency.checks.marks import Marks
from shared.rulebook.consistency.checks.names import CreditCodes, Names
from shared.rulebook.consistency.checks.ratios import DerivedRatios, Thresholds, UnitSlips
from shared.rulebook.consistency.checks.scores import FullOrZero, OfficialScores
from shared.rulebook.consistency.checks.totals import Totals
from shared.rulebook.consistency.checks.two_tables import TwoTables

AnyCheck = Annotated[
    TwoTables
    | DerivedRatios
    | UnitSlips
    | OfficialScores
    | FullOrZero
    | Totals
    | Claims
    | CreditCodes
    | Marks
    | Names
    | Thresholds,
    Field(discriminator="kind"),
]

__all__ = ["AnyCheck", "Claims", "CreditCodes"]
