"""Public attributes of whoever is honoured or evaluated; the only ones a fact may carry."""

from pydantic import BaseModel, ConfigDict


class Subject(BaseModel):
    """An organisation's public attributes."""

    model_config = ConfigDict(frozen=True)

    name: str
    credit_code: str | None = None
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None
