"""How every workflow waits: a clock and a to-do list, never a record.

It begins, and after each wake-up goes on, with the activity ``load``. Signals carry nothing. A refusal or an
exhausted activity leaves the workflow 'stuck': it waits for the next nudge or an hour, then looks again.
"""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ChildWorkflowError, WorkflowAlreadyStartedError

from shared.contracts.workflows import Todo

Input = TypeVar("Input")
Output = TypeVar("Output")

LONGEST_SLEEP = 24 * 3600.0
STUCK_PAUSE = 3600.0
HEARTBEAT = timedelta(seconds=6)
RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=30)
)


class Procedure:
    """Base of the workflows: the nudge, the wait, the call of an activity."""

    def __init__(self) -> None:
        self._nudged = False

    @workflow.signal
    def look_again(self) -> None:
        """Something changed; read it from the database."""
        self._nudged = True

    async def ask(
        self, activity: Callable[[Any, Input], Coroutine[Any, Any, Output]], value: Input, seconds: int = 120
    ) -> Output:
        """Run one of the own service's activities until it answers; refusals are not retried.

        The worker beats every two seconds, so that an activity of a killed worker runs again after ``HEARTBEAT``.
        """
        return await workflow.execute_activity_method(
            activity,
            value,
            start_to_close_timeout=timedelta(seconds=seconds),
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RETRY,
        )

    async def follow(
        self,
        load: Callable[[Any, Input], Coroutine[Any, Any, Todo]],
        stuck: Callable[[Any, Input], Coroutine[Any, Any, None]],
        ref: Input,
        **steps: Callable[[Input], Coroutine[Any, Any, None]],
    ) -> None:
        """Do what ``load`` names until it says ``done``; ``stuck`` is told when a step was refused."""
        while True:
            self._nudged = False
            todo = await self.ask(load, ref)
            if todo.step == "done":
                return
            if todo.step == "wait":
                await self.wait(todo.wait_seconds, ref)
                continue
            try:
                await steps[todo.step](ref)
            except (ActivityError, ChildWorkflowError, WorkflowAlreadyStartedError):
                await self.ask(stuck, ref)
                await self.wait(STUCK_PAUSE, ref)

    async def wait(self, seconds: float | None, ref: object) -> None:
        """Sleep until nudged or until the seconds are over; a long history goes on in a fresh run."""
        if workflow.info().is_continue_as_new_suggested() and workflow.all_handlers_finished():
            workflow.continue_as_new(ref)
        pause = LONGEST_SLEEP if seconds is None else min(max(seconds, 0.0), LONGEST_SLEEP)
        try:
            await workflow.wait_condition(lambda: self._nudged, timeout=timedelta(seconds=pause))
        except TimeoutError:
            return
