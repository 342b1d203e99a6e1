"""Year's notices as they were handed in: the source is kept, whoever asked and whoever imported it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Text
from sqlmodel import Field

from services.office.metadata import OfficeTable
from shared.infra.tables import moment


class CalendarImport(OfficeTable, table=True):
    """A notice that somebody asked to import: waits for the second person, then is imported once.

    ``source`` is the text as pasted or read from the file ``source_name``; ``digest`` what two persons agree to.
    """

    __tablename__ = "calendar_import"

    import_id: UUID = Field(primary_key=True)
    year: int
    paper: str
    digest: str = Field(index=True)
    source_name: str
    source: str = Field(sa_column=Column(Text, nullable=False))
    asked_by: UUID = Field(foreign_key="account.account_id")
    asked_at: datetime = moment()
    imported_by: UUID | None = Field(default=None, foreign_key="account.account_id")
    imported_at: datetime | None = moment(nullable=True)
