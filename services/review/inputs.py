"""Inputs of review's activities. In a module of its own: the workflow makes them inside the sandbox, from the
sandbox's own contract classes."""

from shared.contracts.workflows import Frozen, StageRef, StandingAnswer


class Bound(Frozen):
    """A stage and the owner's answer at one of its gates."""

    stage: StageRef
    answer: StandingAnswer
