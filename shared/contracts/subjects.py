"""Who is honoured or evaluated: an organisation's public attributes, and the person or case it entered, if any."""

from pydantic import BaseModel, ConfigDict


class Subject(BaseModel):
    """An organisation's public attributes, the only ones a fact may carry."""

    model_config = ConfigDict(frozen=True)

    name: str
    credit_code: str | None = None
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None


class CaseSubject(Subject):
    """Whom a dossier is about. ``honoured``: the person who agreed to be named, or the case study; in no fact."""

    honoured: str | None = None

    @property
    def entry_name(self) -> str:
        """What a list names: the person or case where there is one, else the organisation or event."""
        return self.honoured or self.name

    @property
    def unit(self) -> str | None:
        """The organisation behind a person or case."""
        return self.name if self.honoured else None

    @property
    def full_name(self) -> str:
        """Person or case with its organisation, for the rooms inside."""
        return f"{self.honoured}（{self.name}）" if self.honoured else self.name

    @property
    def organisation(self) -> Subject:
        """What a fact may carry of it."""
        return Subject.model_validate(self.model_dump(include=set(Subject.model_fields)))
