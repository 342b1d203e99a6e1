"""What does not agree in a case, and which of it was waived."""

from collections.abc import Collection

from services.submission import store
from services.submission.actions.rules import book_of
from services.submission.domain.inconsistencies import Inconsistency, inconsistencies_in, require_settled, still_open
from services.submission.tables import Case
from shared.infra.database import Tx


def inconsistencies_of(case: Case) -> tuple[Inconsistency, ...]:
    """What the rulebook's checks find in the case as it stands."""
    return inconsistencies_in(book_of(case), case.category_key, case.entered, case.subject.get("credit_code"))


async def require_no_open(tx: Tx, case: Case) -> None:
    """Refuse to pass a case in which something does not agree and nobody has said why that may be."""
    found = inconsistencies_of(case)
    if found:
        require_settled(found, await store.waivers_of(tx, case.case_id))


def comes_to_the_desk(tx: Tx, case: Case, waived: Collection[str] = ()) -> None:
    """The case waits for the office from now on; the queue shows how much in it does not agree."""
    case.waiting_since = tx.now
    case.open_findings = len(still_open(inconsistencies_of(case), waived))


async def count_open(tx: Tx, case: Case) -> None:
    """Keep how many inconsistencies are open, after one was waived."""
    case.open_findings = len(still_open(inconsistencies_of(case), await store.waivers_of(tx, case.case_id)))
    tx.session.add(case)
