"""The procedures of submission: clocks and to-do lists over the rows, never records."""

from datetime import timedelta

from temporalio import workflow

from shared.contracts.procedure import RETRY, Procedure
from shared.contracts.workflows import CaseRef, StageRef, StandingAnswer, StandingQuestion

with workflow.unsafe.imports_passed_through():
    from services.submission.activities import SubmissionActivities as Acts


@workflow.defn(name="ApplicationWindow")
class ApplicationWindow(Procedure):
    """The window opens with its term, reminds those with drafts, and closes at 24:00 of its last counted day."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the stage row to its end."""
        await self.follow(
            Acts.load_window, Acts.stage_stuck, stage, begin=self._begin, remind=self._remind, close=self._close
        )

    async def _begin(self, stage: StageRef) -> None:
        await self.ask(Acts.begin_stage, stage)

    async def _remind(self, stage: StageRef) -> None:
        await self.ask(Acts.remind_window, stage)

    async def _close(self, stage: StageRef) -> None:
        await self.ask(Acts.close_window, stage)


class EndedByAct(Procedure):
    """A stage that goes on until the office ends it; then dossiers, manifest and end, each stored before the next."""

    async def follow_stage(self, stage: StageRef) -> None:
        """Follow the stage row to its end."""
        await self.follow(
            Acts.load_ended_by_act,
            Acts.stage_stuck,
            stage,
            begin=self._begin,
            hold=self._hold,
            resume=self._resume,
            call_office=self._call_office,
            prepare=self._prepare,
            freeze=self._freeze,
            close=self._close,
        )

    async def _begin(self, stage: StageRef) -> None:
        await self.ask(Acts.begin_stage, stage)

    async def _hold(self, stage: StageRef) -> None:
        await self.ask(Acts.hold, stage)

    async def _resume(self, stage: StageRef) -> None:
        await self.ask(Acts.resume, stage)

    async def _call_office(self, stage: StageRef) -> None:
        await self.ask(Acts.call_office, stage)

    async def _prepare(self, stage: StageRef) -> None:
        await self.ask(Acts.prepare, stage)

    async def _freeze(self, stage: StageRef) -> None:
        await self.ask(Acts.freeze, stage)

    async def _close(self, stage: StageRef) -> None:
        await self.ask(Acts.close, stage)


@workflow.defn(name="Screening")
class Screening(EndedByAct):
    """The office decides every case and ends the stage; the cases that passed are handed over."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the stage row to its end."""
        await self.follow_stage(stage)


@workflow.defn(name="Intake")
class Intake(EndedByAct):
    """The office takes cases in from a source and ends the stage; all of them are handed over."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the stage row to its end."""
        await self.follow_stage(stage)


@workflow.defn(name="Nomination")
class Nomination(EndedByAct):
    """The media nominate events; the office keeps the number the rulebook says, and ends the stage."""

    @workflow.run
    async def run(self, stage: StageRef) -> None:
        """Follow the stage row to its end."""
        await self.follow_stage(stage)


@workflow.defn(name="ApplicationLifecycle")
class ApplicationLifecycle(Procedure):
    """One filing after its acceptance: it waits for the office; a rectification reminds and, unanswered, lapses."""

    @workflow.run
    async def run(self, case: CaseRef) -> None:
        """Follow the case to its outcome."""
        await self.follow(Acts.load_application, Acts.application_stuck, case, remind=self._remind, lapse=self._lapse)

    async def _remind(self, case: CaseRef) -> None:
        await self.ask(Acts.remind_rectification, case)

    async def _lapse(self, case: CaseRef) -> None:
        await self.ask(Acts.lapse, case)


@workflow.defn(name="ConfirmStanding")
class ConfirmStanding:
    """Answers a gate of another service: which cases still stand. The answer is kept as a row."""

    @workflow.run
    async def run(self, question: StandingQuestion) -> StandingAnswer:
        """Ask the rows, once."""
        return await workflow.execute_activity_method(
            Acts.answer_standing, question, start_to_close_timeout=timedelta(seconds=60), retry_policy=RETRY
        )


ALL = (ApplicationWindow, Screening, Intake, Nomination, ApplicationLifecycle, ConfirmStanding)
