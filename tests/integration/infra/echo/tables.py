"""The echo row: how often its fact was heard and its workflow worked."""

from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

metadata = MetaData()


class EchoTable(SQLModel, registry=registry(metadata=metadata)):
    """Base."""

    metadata = metadata


class Echo(EchoTable, table=True):
    """One case."""

    __tablename__ = "echo"

    case_id: UUID = Field(primary_key=True)
    heard: int = 0
    worked: int = 0
