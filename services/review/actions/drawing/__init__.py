"""The draw: a list is frozen, the parties commit, then reveal; the panel follows; a silent party voids the attempt."""

from services.review.actions.drawing.freezing import Wanted, freeze_list
from services.review.actions.drawing.outcome import draw
from services.review.actions.drawing.taking_part import call_parties, commit, reveal
from services.review.actions.drawing.voiding import (
    VOID_ACT,
    name_stand_in,
    void_attempt,
    void_question,
    void_silent,
)

__all__ = [
    "VOID_ACT",
    "Wanted",
    "call_parties",
    "commit",
    "draw",
    "freeze_list",
    "name_stand_in",
    "reveal",
    "void_attempt",
    "void_question",
    "void_silent",
]
