"""Stub classes for workflows that another service starts: typed, never run.

The real classes do not inherit from these; a contract test keeps name, input, result and signals equal.
"""

from temporalio import workflow

from shared.contracts.workflows import CycleRef, StandingAnswer, StandingQuestion

STAGE_WORKFLOWS: dict[str, tuple[str, str]] = {
    "call": ("publication", "Call"),
    "application_window": ("submission", "ApplicationWindow"),
    "intake": ("submission", "Intake"),
    "nomination": ("submission", "Nomination"),
    "screening": ("submission", "Screening"),
    "public_vote": ("publication", "PublicVote"),
    "panel_review": ("review", "PanelReview"),
    "event_ordering": ("review", "EventOrdering"),
    "evaluation": ("ranking", "Evaluation"),
    "decision": ("ranking", "Decision"),
    "consultation": ("ranking", "Consultation"),
    "publicity": ("publication", "Publicity"),
}
"""Stage kind → (owning service and its queue, workflow type)."""


@workflow.defn(name="ConfirmStanding", sandboxed=False)
class ConfirmStanding:
    """Stub of submission's answer to a gate."""

    @workflow.run
    async def run(self, question: StandingQuestion) -> StandingAnswer:
        """Answer which cases still stand."""
        raise NotImplementedError


@workflow.defn(name="Release", sandboxed=False)
class Release:
    """Stub of publication's release of a cycle."""

    @workflow.signal(name="look_again")
    def look_again(self) -> None:
        """Look again."""
        raise NotImplementedError

    @workflow.run
    async def run(self, cycle: CycleRef) -> None:
        """Release the cycle's lists."""
        raise NotImplementedError
