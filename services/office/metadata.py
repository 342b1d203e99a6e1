"""The one metadata of office's tables; every package of the service adds its own to it."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

office_metadata = MetaData()


class OfficeTable(SQLModel, registry=registry(metadata=office_metadata)):
    """Base of office's tables; a registry of its own keeps names apart from those of infra."""

    metadata = office_metadata
