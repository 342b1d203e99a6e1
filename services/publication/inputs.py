"""What activities answer to this service's own workflows, beside the shared shapes."""

from pydantic import BaseModel

from shared.contracts.workflows import StandingQuestion


class Questions(BaseModel):
    """Questions to the owner of the cases, one a list."""

    questions: tuple[StandingQuestion, ...]
