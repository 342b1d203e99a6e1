"""What all tables of the review service have in common."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

metadata = MetaData()


class ReviewTable(SQLModel, registry=registry(metadata=metadata)):
    """Base of the service's tables."""

    metadata = metadata
