"""初审: pass, reject, a term to put things right, its end; disqualification by two persons; findings."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from services.submission import store
from services.submission.actions.cases import case_place, end_work, move, put_case_dossier
from services.submission.actions.desk import end_presence, require_checklist
from services.submission.actions.evidence import require_scanned
from services.submission.actions.inconsistencies import count_open, inconsistencies_of, require_no_open
from services.submission.actions.notices import tell_applicant
from services.submission.actions.rules import articles_of, category_of, reminder_at, stage_params
from services.submission.domain import filing, history
from services.submission.domain.cases import CaseEvent, CaseState, after, require_version
from services.submission.domain.filing import RectificationItem
from services.submission.domain.inconsistencies import find_open
from services.submission.tables import Case, Decision, Investigation, Rectification, Waiver
from shared.contracts.facts import CaseDecided
from shared.contracts.names import application_workflow_id
from shared.infra.calendars import current_calendar
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import stage_for_act, stage_row, term_json
from shared.infra.tables import Stage
from shared.kernel.calendar import Term as CountedTerm
from shared.kernel.calendar import (
    WorkingCalendar,
    business_date,
    count_term,
    days_counted_before,
    recount,
    resume_term,
)
from shared.kernel.refusals import Conflict, FieldProblem


@dataclass(frozen=True)
class Verdict:
    """What the screener decides: ``pass``, ``rectify`` (with items) or ``reject``, article and reason.

    ``seen``: the last audit row of the case on the page that the decision was made on.
    """

    decision: str
    article: str
    reason: str
    expected_version: int
    items: tuple[RectificationItem, ...] = ()
    seen: int | None = None


async def decide_case(tx: Tx, case_id: UUID, verdict: Verdict) -> Case:
    """Decide a case in its screening stage: once, by the version the person has read, under an article."""
    seen = await store.case_of(tx, case_id)
    stage = await _screening_for_act(tx, seen)
    case = await store.case_of(tx, case_id, update=True)
    event = {"pass": CaseEvent.PASS, "reject": CaseEvent.REJECT, "rectify": CaseEvent.ASK}[verdict.decision]
    await _require_as_seen(tx, case, verdict)
    after(CaseState(case.state), event)
    require_version(case.version, verdict.expected_version)
    filing.require_article(articles_of(case), verdict.article)
    if event is CaseEvent.PASS:
        await require_checklist(tx, case)
        await require_no_open(tx, case)
        await require_scanned(tx, case_id)
    await end_presence(tx, case_id)
    if event is CaseEvent.ASK:
        await _ask_rectification(tx, case, stage, verdict)
    else:
        if event is CaseEvent.REJECT:
            filing.require_reason(verdict.reason)
        await conclude(tx, case, stage.stage_id, event, verdict.article, verdict.reason)
        await end_work(tx, case)
    return case


async def _require_as_seen(tx: Tx, case: Case, verdict: Verdict) -> None:
    """Refuse a decision on a case that somebody else has changed since its page was opened; say what changed."""
    if verdict.seen is None:
        return
    done = await store.history_of(tx, case.case_id, after=verdict.seen)
    others = [one for one in done if one.actor_id != tx.actor.account_id and one.action in history.MATTERS]
    if others:
        people = await store.colleagues(tx)
        told = [history.told(category_of(case), people, one) for one in others]
        raise Conflict(
            "changed_since_opened",
            f"您打开此案后它有了变化：{told[0]}。请核对后重新作出决定。",
            field="expected_version",
            problems=[FieldProblem("expected_version", "changed_since_opened", one) for one in told],
        )


async def _screening_for_act(tx: Tx, case: Case) -> Stage:
    """The open screening stage of the case's category, FOR SHARE."""
    if case.state == CaseState.DRAFT or case.origin != "application":
        raise Conflict("case_state", "此案没有待初审的申报。")
    running = await store.running_stage_of(tx, case.category_id, "screening")
    if running is None:
        after(CaseState(case.state), CaseEvent.PASS)
        raise Conflict("screening_not_open", "本项目的初审没有在进行。")
    stage = await stage_for_act(tx, running.stage_id)
    await require_not_closing(tx, stage.stage_id)
    return stage


async def require_not_closing(tx: Tx, stage_id: UUID) -> None:
    """Refuse an act once the office has ended the stage."""
    if await store.closing_of(tx, stage_id) is not None:
        raise Conflict("stage_closing", "本阶段已由办公室结束，正在移交，不能再办理。")


async def conclude(
    tx: Tx, case: Case, stage_id: UUID, event: CaseEvent, article: str, reason: str, *, fact: bool = True
) -> None:
    """Write the stage's one decision on a case and tell everybody."""
    outcome = move(tx, case, event)
    tx.session.add(
        Decision(
            decision_id=new_id(),
            case_id=case.case_id,
            stage_id=stage_id,
            outcome=outcome,
            article=article,
            reason=reason,
            decided_at=tx.now,
            decided_by=tx.actor.account_id,
        )
    )
    await tx.audit(
        "case.decided", **case_place(case), stage_id=stage_id, outcome=outcome, article=article, reason=reason
    )
    if fact:
        await tx.emit(decided_fact(case, outcome, article))
    await tell_applicant(tx, case, f"case_{outcome.value}")


def decided_fact(case: Case, outcome: str, article: str) -> CaseDecided:
    """What the others learn of a decision: its outcome and article, no reason."""
    return CaseDecided(
        cycle_id=case.cycle_id,
        category_id=case.category_id,
        case_id=case.case_id,
        version=case.version,
        number=case.number or "",
        outcome=outcome,
        article=article,
    )


async def _ask_rectification(tx: Tx, case: Case, stage: Stage, verdict: Verdict) -> None:
    """Name the items and start the term; a case is sent back once."""
    if await store.rectification_of(tx, case.case_id) is not None or case.reinstated_at is not None:
        message = "此案已整改过一次（或恢复过资格），请直接作出通过或不通过的决定。"
        raise Conflict("rectified_once", message, article=verdict.article)
    filing.require_reason(verdict.reason)
    filing.check_items(category_of(case), verdict.items)
    move(tx, case, CaseEvent.ASK)
    term, remind_at = await _rectification_term(tx, case, business_date(tx.now))
    tx.session.add(
        Rectification(
            rectification_id=new_id(),
            case_id=case.case_id,
            stage_id=stage.stage_id,
            state="open",
            article=verdict.article,
            reason=verdict.reason,
            items=[asdict(item) for item in verdict.items],
            term=term_json(term),
            closes_at=term.closes_at,
            remind_at=remind_at,
            asked_at=tx.now,
        )
    )
    fields = [item.field for item in verdict.items]
    await tx.audit("rectification.asked", **case_place(case), stage_id=stage.stage_id, fields=fields, term=term)
    await tx.expect(application_workflow_id(case.case_id), min(remind_at, term.closes_at))
    await tx.nudge(application_workflow_id(case.case_id))
    await tell_applicant(tx, case, "rectification_asked", until=term.closes_at)


async def _rectification_term(tx: Tx, case: Case, starts_on: date) -> tuple[CountedTerm, datetime]:
    params = stage_params(case, "screening")
    calendar = await current_calendar(tx)
    term = count_term(calendar, starts_on, params.rectification.length, params.rectification.unit.value)
    return term, reminder_at(calendar, term.last_day, params.reminder_days_before)


async def remind_rectification(tx: Tx, case_id: UUID) -> None:
    """Tell the applicant that the term is about to end, once."""
    case = await store.case_of(tx, case_id, update=True)
    rectification = await store.rectification_of(tx, case_id, state="open")
    if rectification is None or rectification.reminded_at is not None:
        return
    rectification.reminded_at = tx.now
    tx.session.add(rectification)
    await tx.audit("rectification.reminded", **case_place(case), stage_id=rectification.stage_id)
    await tx.expect(application_workflow_id(case_id), rectification.closes_at)
    await tell_applicant(tx, case, "rectification_reminder", until=rectification.closes_at)


async def lapse_case(tx: Tx, case_id: UUID) -> None:
    """The term has ended without the items put right: the case lapses; not while its stage is paused."""
    held = await _held_rectification(tx, case_id)
    if held is None:
        return
    stage, case, rectification = held
    if stage.state != "open" or rectification.paused_on is not None or tx.now < rectification.closes_at:
        return
    rectification.state, rectification.ended_at = "lapsed", tx.now
    tx.session.add(rectification)
    await conclude(tx, case, stage.stage_id, CaseEvent.LAPSE, rectification.article, "逾期未整改")
    await tx.finish_work(application_workflow_id(case_id))


async def _held_rectification(tx: Tx, case_id: UUID) -> tuple[Stage, Case, Rectification] | None:
    """The open rectification of a case with its stage, FOR SHARE, and the case, locked, in this order; None without."""
    rectification = await store.rectification_of(tx, case_id, state="open")
    if rectification is None:
        return None
    stage = await stage_row(tx, rectification.stage_id, share=True)
    case = await store.case_of(tx, case_id, update=True)
    await tx.session.refresh(rectification)
    return (stage, case, rectification) if rectification.state == "open" else None


async def hold_rectifications(tx: Tx, stage_id: UUID) -> None:
    """The stage was paused: open rectification terms stand still from today on."""
    for rectification in await store.open_rectifications(tx, stage_id, paused=False):
        rectification.paused_on = business_date(tx.now).isoformat()
        tx.session.add(rectification)
        await tx.audit("rectification.held", case_id=rectification.case_id, stage_id=stage_id)
        await tx.expect(application_workflow_id(rectification.case_id), None)
        await tx.nudge(application_workflow_id(rectification.case_id))


async def resume_rectifications(tx: Tx, stage_id: UUID) -> None:
    """The stage goes on: the days counted before the pause are kept, the rest is counted from tomorrow."""
    calendar = await current_calendar(tx)
    for rectification in await store.open_rectifications(tx, stage_id, paused=True):
        case = await store.case_of(tx, rectification.case_id, update=True)
        await tx.session.refresh(rectification)
        if rectification.state != "open" or rectification.paused_on is None:
            continue
        term = _resumed(rectification, calendar, business_date(tx.now))
        rectification.term, rectification.closes_at, rectification.paused_on = term_json(term), term.closes_at, None
        rectification.remind_at = reminder_at(
            calendar, term.last_day, stage_params(case, "screening").reminder_days_before
        )
        tx.session.add(rectification)
        await tx.audit("rectification.resumed", **case_place(case), stage_id=stage_id, term=term)
        await tx.expect(application_workflow_id(case.case_id), min(rectification.remind_at, term.closes_at))
        await tx.nudge(application_workflow_id(case.case_id))
        await tell_applicant(tx, case, "rectification_resumed", until=term.closes_at)


async def recount_rectification(tx: Tx, case_id: UUID) -> None:
    """A provisional term is counted again when the calendar has grown; a firm one never ends earlier."""
    rectification = await store.rectification_of(tx, case_id, state="open")
    if rectification is None or not rectification.term["provisional"]:
        return
    held = await _held_rectification(tx, case_id)
    if held is None:
        return
    _, case, rectification = held
    if rectification.paused_on is not None:
        return
    calendar, term = await current_calendar(tx), CountedTerm.model_validate(rectification.term)
    fresh = recount(term, calendar)
    if fresh == term:
        return
    days_before = stage_params(case, "screening").reminder_days_before
    rectification.term, rectification.closes_at = term_json(fresh), fresh.closes_at
    rectification.remind_at = reminder_at(calendar, fresh.last_day, days_before)
    tx.session.add(rectification)
    await tx.audit("rectification.recounted", **case_place(case), stage_id=rectification.stage_id, term=fresh)
    await tell_applicant(tx, case, "rectification_recounted", until=fresh.closes_at)


def _resumed(rectification: Rectification, calendar: WorkingCalendar, today: date) -> CountedTerm:
    term = CountedTerm.model_validate(rectification.term)
    kept = days_counted_before(term, date.fromisoformat(rectification.paused_on or today.isoformat()))
    return resume_term(calendar, kept, today, term.length, unit=term.unit, starts_on=term.starts_on)


async def waive_inconsistency(tx: Tx, case_id: UUID, digest: str, reason: str) -> Waiver:
    """Let an inconsistency stand, with a reason; it goes on with the case as a finding.

    Only while the case waits for its decision; figures that change afterwards are looked at again.
    """
    stage = await _screening_for_act(tx, await store.case_of(tx, case_id))
    case = await store.case_of(tx, case_id, update=True)
    after(CaseState(case.state), CaseEvent.PASS)
    filing.require_reason(reason)
    found = find_open(inconsistencies_of(case), await store.waivers_of(tx, case_id), digest)
    waiver = Waiver(
        case_id=case_id,
        digest=digest,
        check=found.check,
        indicator=found.indicator,
        reason=reason,
        waived_at=tx.now,
        waived_by=tx.actor.account_id,
    )
    tx.session.add(waiver)
    tx.session.add(
        Investigation(
            investigation_id=new_id(),
            case_id=case_id,
            kind="inconsistency",
            item=found.indicator,
            source="一致性检查",
            found_on=business_date(tx.now).isoformat(),
            finding=f"{found.message}认可理由：{reason}",
            recorded_at=tx.now,
            recorded_by=tx.actor.account_id,
        )
    )
    await tx.session.flush()
    await count_open(tx, case)
    await put_case_dossier(tx, case)
    told = {"check": found.check, "item": found.indicator, "reason": reason}
    await tx.audit("inconsistency.waived", **case_place(case), stage_id=stage.stage_id, digest=digest, **told)
    return waiver
