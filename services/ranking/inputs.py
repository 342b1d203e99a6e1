"""Inputs of ranking's activities that are not stage references."""

from uuid import UUID

from shared.contracts.workflows import Frozen, StandingAnswer


class GateAnswer(Frozen):
    """The answer at a gate and the stage that asked."""

    stage_id: UUID
    answer: StandingAnswer
