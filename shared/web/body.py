"""What a program sends as JSON: a field that nobody asked for is refused, neither taken over nor passed over."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request body."""

    model_config = ConfigDict(extra="forbid")
