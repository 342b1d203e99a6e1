"""Names of services, queues, subjects and workflow ids, in one place."""

from enum import StrEnum
from uuid import UUID

STREAM = "FACTS"


class ServiceName(StrEnum):
    """The five services; each is also a Temporal task queue and the first word of its subjects."""

    OFFICE = "office"
    SUBMISSION = "submission"
    REVIEW = "review"
    RANKING = "ranking"
    PUBLICATION = "publication"


STREAM_SUBJECTS = tuple(f"{name}.>" for name in ServiceName)


def stage_workflow_id(stage_id: UUID) -> str:
    """``stage/{id}``: the one workflow of a stage."""
    return f"stage/{stage_id}"


def cycle_workflow_id(cycle_id: UUID) -> str:
    """``cycle/{id}``."""
    return f"cycle/{cycle_id}"


def category_workflow_id(category_id: UUID, supplement: int = 0) -> str:
    """``category/{id}``; the track of a refilled seat is ``category/{id}/supplement/{n}``."""
    return f"category/{category_id}" + (f"/supplement/{supplement}" if supplement else "")


def release_workflow_id(cycle_id: UUID) -> str:
    """``cycle/{id}/release``."""
    return f"cycle/{cycle_id}/release"


def application_workflow_id(case_id: UUID) -> str:
    """``application/{id}``."""
    return f"application/{case_id}"


def standing_workflow_id(manifest_id: UUID, gate: str) -> str:
    """``standing/{manifest}/{gate}``."""
    return f"standing/{manifest_id}/{gate}"
