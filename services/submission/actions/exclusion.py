"""Disqualification, and taking it back: each by two persons, under an article, with a reason."""

from uuid import UUID

from services.submission import store
from services.submission.actions.cases import case_place, end_work, move
from services.submission.actions.filing import leave
from services.submission.actions.notices import tell_applicant
from services.submission.actions.rules import articles_of
from services.submission.actions.screening import decided_fact
from services.submission.domain import filing
from services.submission.domain.cases import CaseEvent, CaseState, after
from services.submission.tables import Case
from shared.contracts.facts import CaseAmended
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.infra.tickets import Ticket, use_ticket
from shared.kernel.canonical import digest
from shared.kernel.refusals import Conflict

DISQUALIFY = "case.disqualify"
REINSTATE = "case.reinstate"


def agreed_digest(act: str, case_id: UUID, article: str, reason: str) -> str:
    """What two persons agree on when they disqualify or reinstate a case."""
    return digest({"act": act, "case_id": case_id, "article": article, "reason": reason})


async def check_grounds(tx: Tx, case: Case, act: str, article: str, reason: str) -> CaseEvent:
    """What the act does to the case as it stands; refused without article or reason, or where its state forbids it."""
    filing.require_article(articles_of(case), article)
    filing.require_reason(reason)
    event = CaseEvent.DISQUALIFY if act == DISQUALIFY else await _taking_back(tx, case)
    after(CaseState(case.state), event)
    return event


async def _taking_back(tx: Tx, case: Case) -> CaseEvent:
    return CaseEvent.REINSTATE if await store.decisions_of(tx, case.case_id) else CaseEvent.RESTORE


async def _by_two_persons(
    tx: Tx, case_id: UUID, act: str, article: str, reason: str, ticket: Ticket | None
) -> tuple[Case, CaseEvent, UUID]:
    """The case, locked after its stage, once article, reason, state and ticket were found in order."""
    seen = await store.case_of(tx, case_id)
    event = await check_grounds(tx, seen, act, article, reason)
    used = await use_ticket(tx, ticket, act, agreed_digest(act, case_id, article, reason))
    screening = await store.running_stage_of(tx, seen.category_id, "screening")
    if screening is not None:
        await stage_row(tx, screening.stage_id, share=True)
    return await store.case_of(tx, case_id, update=True), event, used.ticket_id


async def disqualify_case(tx: Tx, case_id: UUID, article: str, reason: str, ticket: Ticket | None) -> Case:
    """Take a case out by two persons; before the manifest a decision, afterwards an amendment."""
    case, event, ticket_id = await _by_two_persons(tx, case_id, DISQUALIFY, article, reason, ticket)
    outcome = move(tx, case, event)
    await leave(tx, case, outcome.value, reason=reason, article=article, ticket_id=ticket_id)
    if case.manifest_id is None:
        await tx.emit(decided_fact(case, outcome, article))
    await tell_applicant(tx, case, "case_disqualified")
    await end_work(tx, case)
    return case


async def reinstate_case(tx: Tx, case_id: UUID, article: str, reason: str, ticket: Ticket | None) -> Case:
    """Take a disqualification back: a case that had passed goes on and, once handed over, the later stages are told;
    one that was not decided returns to the screener."""
    case, event, ticket_id = await _by_two_persons(tx, case_id, REINSTATE, article, reason, ticket)
    if case.manifest_id is None:
        await _require_screening(tx, case)
    move(tx, case, event)
    case.reinstated_at = case.waiting_since = tx.now
    departure = await store.departure_of(tx, case_id)
    if departure is not None:
        await tx.session.delete(departure)
    await tx.audit("case.reinstated", **case_place(case), article=article, reason=reason, ticket=ticket_id)
    if case.manifest_id is not None:
        await tx.emit(
            CaseAmended(
                cycle_id=case.cycle_id,
                category_id=case.category_id,
                case_id=case.case_id,
                version=case.version,
                number=case.number or "",
                kind="reinstated",
                dossier_digest=case.dossier_digest,
            )
        )
    await tell_applicant(tx, case, "case_reinstated")
    return case


async def _require_screening(tx: Tx, case: Case) -> None:
    """What was not handed over can only come back while screening still runs."""
    running = await store.running_stage_of(tx, case.category_id, "screening")
    if running is None or await store.closing_of(tx, running.stage_id) is not None:
        raise Conflict("screening_not_open", "初审已经结束，此案未移交，不能恢复。")
