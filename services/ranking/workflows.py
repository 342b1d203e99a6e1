"""The three stages of ranking, as a clerk would describe them. What happened is in the database; these only wait."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy

from services.ranking.inputs import GateAnswer
from shared.contracts.names import ServiceName, standing_workflow_id
from shared.contracts.procedure import Procedure
from shared.contracts.stubs import ConfirmStanding
from shared.contracts.workflows import StageRef, StandingQuestion

with workflow.unsafe.imports_passed_through():
    from services.ranking.activities import (
        ConsultationActivities,
        DecisionActivities,
        EvaluationActivities,
        StageActivities,
    )


@workflow.defn(name="Evaluation")
class Evaluation(Procedure):
    """Take the filings in, score them by rule, wait until the office has settled what no rule can compute and
    says it is done; hand the results over."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the evaluation to its end."""
        await self.follow(
            EvaluationActivities.load_evaluation,
            StageActivities.stuck,
            stage,
            begin=self._begin,
            receive=self._receive,
            freeze=self._freeze,
            close=self._close,
        )

    async def _begin(self, stage: StageRef) -> None:
        await self.ask(EvaluationActivities.begin_evaluation, stage)

    async def _receive(self, stage: StageRef) -> None:
        await self.ask(EvaluationActivities.receive_for_evaluation, stage)

    async def _freeze(self, stage: StageRef) -> None:
        await self.ask(EvaluationActivities.freeze_evaluation, stage)

    async def _close(self, stage: StageRef) -> None:
        await self.ask(EvaluationActivities.close_evaluation, stage)


@workflow.defn(name="Decision")
class Decision(Procedure):
    """Take the reviewed cases in, ask which still stand, rank them; wait for the decision and its confirmation by
    two persons; write the minute; hand the list over."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the decision to its end."""
        await self.follow(
            DecisionActivities.load_decision,
            StageActivities.stuck,
            stage,
            begin=self._begin,
            receive=self._receive,
            gate_ranking=self._gate_ranking,
            rank=self._rank,
            minute=self._minute,
            gate_final_list=self._gate_final_list,
            freeze=self._freeze,
            close=self._close,
        )

    async def _begin(self, stage: StageRef) -> None:
        await self.ask(DecisionActivities.begin_decision, stage)

    async def _receive(self, stage: StageRef) -> None:
        await self.ask(DecisionActivities.receive_for_decision, stage)

    async def _gate_ranking(self, stage: StageRef) -> None:
        await self.ask(StageActivities.bind_gate, await answer_at(stage, "ranking"))

    async def _rank(self, stage: StageRef) -> None:
        await self.ask(DecisionActivities.rank, stage)

    async def _minute(self, stage: StageRef) -> None:
        await self.ask(DecisionActivities.write_minute, stage)

    async def _gate_final_list(self, stage: StageRef) -> None:
        await self.ask(StageActivities.bind_gate, await answer_at(stage, "final_list"))

    async def _freeze(self, stage: StageRef) -> None:
        await self.ask(DecisionActivities.freeze_decision, stage)

    async def _close(self, stage: StageRef) -> None:
        await self.ask(DecisionActivities.close_decision, stage)


@workflow.defn(name="Consultation")
class Consultation(Procedure):
    """Write to the departments, remind them, wait for the term; silence is no objection; a concern waits for a
    ruling; ask which cases still stand; hand the final list over."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the consultation to its end."""
        await self.follow(
            ConsultationActivities.load_consultation,
            StageActivities.stuck,
            stage,
            begin=self._begin,
            receive=self._receive,
            remind=self._remind,
            tally=self._tally,
            gate_final_list=self._gate_final_list,
            freeze=self._freeze,
            close=self._close,
        )

    async def _begin(self, stage: StageRef) -> None:
        await self.ask(ConsultationActivities.begin_consultation, stage)

    async def _receive(self, stage: StageRef) -> None:
        await self.ask(ConsultationActivities.receive_for_consultation, stage)

    async def _remind(self, stage: StageRef) -> None:
        await self.ask(ConsultationActivities.remind_departments, stage)

    async def _tally(self, stage: StageRef) -> None:
        await self.ask(ConsultationActivities.tally_replies, stage)

    async def _gate_final_list(self, stage: StageRef) -> None:
        await self.ask(StageActivities.bind_gate, await answer_at(stage, "final_list"))

    async def _freeze(self, stage: StageRef) -> None:
        await self.ask(ConsultationActivities.freeze_consultation, stage)

    async def _close(self, stage: StageRef) -> None:
        await self.ask(ConsultationActivities.close_consultation, stage)


async def answer_at(stage: StageRef, gate: str) -> GateAnswer:
    """Ask the owner of the cases which still stand; its answer is awaited."""
    assert stage.manifest_id is not None, "a stage that was received names its manifest"
    answer = await workflow.execute_child_workflow(
        ConfirmStanding.run,
        StandingQuestion(manifest_id=stage.manifest_id, category_id=stage.category_id, gate=gate),
        id=standing_workflow_id(stage.manifest_id, gate),
        task_queue=ServiceName.SUBMISSION,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    return GateAnswer(stage_id=stage.stage_id, answer=answer)
