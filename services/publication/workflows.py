"""The procedures of publication, as a clerk would tell them."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy

with workflow.unsafe.imports_passed_through():
    from services.publication.activities import PublicationActivities as Acts

from shared.contracts.names import ServiceName, standing_workflow_id
from shared.contracts.procedure import Procedure
from shared.contracts.stubs import ConfirmStanding
from shared.contracts.workflows import CycleRef, StageRef, StandingQuestion


@workflow.defn(name="Call")
class Call(Procedure):
    """启动: the office posts the call; what follows counts from the posting."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Open, wait for the posting, close."""
        await self.follow(Acts.load_call, Acts.stage_stuck, stage, begin=self._begin, close=self._close)

    async def _begin(self, stage: StageRef) -> None:
        await self.ask(Acts.begin_call, stage)

    async def _close(self, stage: StageRef) -> None:
        await self.ask(Acts.close_call, stage)


@workflow.defn(name="Publicity")
class Publicity(Procedure):
    """公示: receive the final list, wait for its posting, then N working days for objections.

    Entries with an open objection are held, the others go on.
    """

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Begin, receive, wait for posting and term, freeze what was cleared, close."""
        await self.follow(
            Acts.load_publicity,
            Acts.stage_stuck,
            stage,
            begin=self._begin,
            receive=self._receive,
            freeze=self._freeze,
            close=self._close,
        )

    async def _begin(self, stage: StageRef) -> None:
        await self.ask(Acts.begin_publicity, stage)

    async def _receive(self, stage: StageRef) -> None:
        await self.ask(Acts.receive_list, stage)

    async def _freeze(self, stage: StageRef) -> None:
        await self.ask(Acts.freeze_cleared, stage)

    async def _close(self, stage: StageRef) -> None:
        await self.ask(Acts.close_publicity, stage)


@workflow.defn(name="PublicVote")
class PublicVote(Procedure):
    """公众投票: one vote a token within the term; counts are shown afterwards and not mixed into any order."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Begin, wait for the end of the term, count and close."""
        await self.follow(Acts.load_vote, Acts.stage_stuck, stage, begin=self._begin, close=self._close)

    async def _begin(self, stage: StageRef) -> None:
        await self.ask(Acts.begin_vote, stage)

    async def _close(self, stage: StageRef) -> None:
        await self.ask(Acts.close_vote, stage)


@workflow.defn(name="Release")
class Release(Procedure):
    """发布: wait for every list of the cycle, ask whether the cases still stand, fix the lists, gather the parts of
    the bundles, wait until two persons confirm, publish."""

    @workflow.run
    async def run(self, cycle: CycleRef) -> None:
        """Follow the rows until the round is published."""
        await self.follow(
            Acts.load_release,
            Acts.release_stuck,
            cycle,
            begin=self._begin,
            receive=self._receive,
            gate=self._gate,
            prepare=self._prepare,
            collect=self._collect,
            publish=self._publish,
        )

    async def _begin(self, cycle: CycleRef) -> None:
        await self.ask(Acts.begin_release, cycle)

    async def _receive(self, cycle: CycleRef) -> None:
        await self.ask(Acts.receive_direct_lists, cycle)

    async def _gate(self, cycle: CycleRef) -> None:
        asked = await self.ask(Acts.standing_questions, cycle)
        for question in asked.questions:
            await self._confirm_standing(question)

    async def _confirm_standing(self, question: StandingQuestion) -> None:
        answer = await workflow.execute_child_workflow(
            ConfirmStanding.run,
            question,
            id=standing_workflow_id(question.manifest_id, question.gate),
            task_queue=ServiceName.SUBMISSION,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        await self.ask(Acts.bind_answer, answer)

    async def _prepare(self, cycle: CycleRef) -> None:
        await self.ask(Acts.prepare_release, cycle)

    async def _collect(self, cycle: CycleRef) -> None:
        await self.ask(Acts.want_parts, cycle)

    async def _publish(self, cycle: CycleRef) -> None:
        await self.ask(Acts.publish_release, cycle, 300)
