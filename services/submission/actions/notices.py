"""Who must be told of what; office knows the addresses."""

from datetime import datetime
from uuid import UUID

from services.submission.actions.rules import portal_link
from services.submission.tables import Case, Message
from shared.contracts.facts import NoticeDue
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.rows import Inserting
from shared.infra.tables import table_of

_MESSAGE = Inserting(table_of(Message))


async def tell_applicant(
    tx: Tx,
    case: Case,
    template: str,
    until: datetime | None = None,
    *,
    link: str | None = None,
    notice_id: UUID | None = None,
) -> None:
    """A notice to the enterprise behind a case, and a message on its portal; ``link``: where the letter leads, the case
    where nothing else is said.

    Cases from an intake or a nomination have nobody to tell.
    """
    if case.origin != "application":
        return
    notice_id = notice_id or new_id()
    message = {
        "notice_id": notice_id,
        "recipient_id": case.subject_id,
        "case_id": case.case_id,
        "template": template,
        "until": until,
        "sent_at": tx.now,
    }
    await tx.insert(_MESSAGE, message)
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=case.cycle_id,
            category_id=case.category_id,
            case_id=case.case_id,
            version=case.version,
            notice_id=notice_id,
            recipient_kind="enterprise",
            recipient_id=case.subject_id,
            template=template,
            case_number=case.number,
            until=until,
            link=link or portal_link(case.case_id),
        )
    )


async def tell_department(tx: Tx, case: Case, department_id: UUID, template: str) -> None:
    """A notice to a department that is asked about a case."""
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=case.cycle_id,
            category_id=case.category_id,
            case_id=case.case_id,
            version=case.version,
            notice_id=new_id(),
            recipient_kind="department",
            recipient_id=department_id,
            template=template,
            case_number=case.number,
            link="/portal/investigations",
        )
    )


async def tell_office(tx: Tx, case: Case, template: str, stage_id: UUID | None = None) -> None:
    """A notice to the office about a case."""
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=case.cycle_id,
            category_id=case.category_id,
            case_id=case.case_id,
            version=case.version,
            notice_id=new_id(),
            recipient_kind="role",
            recipient_role="office",
            template=template,
            case_number=case.number,
            link=f"/screening/cases/{case.case_id}",
        )
    )
