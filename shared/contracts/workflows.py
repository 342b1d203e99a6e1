"""Workflow inputs and answers: ids and digests only. One model in, one model out."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of workflow inputs and answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CycleRef(Frozen):
    """Input of ``CycleLifecycle`` and ``Release``."""

    cycle_id: UUID
    rulebook_id: str
    rulebook_digest: str


class CategoryRef(Frozen):
    """Input of ``CategoryLifecycle``; ``supplement`` is 0 for the main track, n for that of the n-th refilled seat."""

    cycle_id: UUID
    category_id: UUID
    category_key: str
    rulebook_id: str
    rulebook_digest: str
    supplement: int = 0


class StageRef(Frozen):
    """Input of every stage workflow.

    ``manifest_id``/``manifest_digest``/``manifest_source`` name the manifest that the stage works on;
    ``counted_from`` the instant (a posting's, a closing's) from which its term counts; ``supplement`` is 0 for the
    main track and 1, 2, … for the track of a refilled seat.
    """

    stage_id: UUID
    kind: str
    cycle_id: UUID
    category_id: UUID
    category_key: str
    rulebook_id: str
    rulebook_digest: str
    supplement: int = 0
    manifest_id: UUID | None = None
    manifest_digest: str | None = None
    manifest_source: str | None = None
    counted_from: datetime | None = None


class CaseRef(Frozen):
    """Input of ``ApplicationLifecycle``."""

    case_id: UUID


class StandingQuestion(Frozen):
    """Which cases of a manifest still stand, asked at a gate (draw, unsealing, ranking, final_list, release)."""

    manifest_id: UUID
    category_id: UUID
    gate: str


class StandingAnswer(Frozen):
    """The owner's answer; the stage binds itself to ``digest``. ``fallen`` lists cases that no longer stand."""

    manifest_id: UUID
    gate: str
    fallen: tuple[UUID, ...]
    digest: str


class Todo(Frozen):
    """What ``load`` tells a workflow: the next step (``wait`` and ``done`` are understood by all) and, when there is
    nothing to do, after how many seconds of system time to look again (``None``: only when nudged)."""

    step: str
    wait_seconds: float | None = None
