"""What the bodies of accounts have in common."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Body(BaseModel):
    """A request body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class PasswordBody(Body):
    """A password."""

    password: SecretStr = Field(max_length=200)


class Reason(Body):
    """Why."""

    reason: str = Field(min_length=1, max_length=500)
