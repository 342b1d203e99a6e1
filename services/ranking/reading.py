"""What people and programs read of ranking; each reader sees only what the role may see."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.ranking.actions.confirming import decision_digest
from services.ranking.actions.evaluation import case_result
from services.ranking.actions.members import recusals_shown, require_seen, seats_to_name, unseen
from services.ranking.actions.recommendation import recommendation_digest
from services.ranking.actions.seats import candidates_shown, names_of, seats_shown
from services.ranking.actions.stability import is_examined, sheets_examined, without
from services.ranking.domain.decisions import departure_marks, line_states
from services.ranking.domain.explaining import review_explained
from services.ranking.domain.lists import score_text, summary_rows, summary_totals
from services.ranking.domain.ranks import Ranked
from services.ranking.domain.reports import evaluation_tables
from services.ranking.rules import StageRules, rules_of
from services.ranking.store import (
    case_of,
    cases_counted,
    cases_of,
    choices_of,
    decisions_of,
    entries_of,
    letters_of,
    list_of,
    meeting_of,
    minute_of,
    progress_of,
    ranked_among,
    recusals_of,
    replies_of,
    results_of,
    rulings_of,
    seats_of,
)
from services.ranking.tables import (
    CaseCopy,
    ConcernRuling,
    Decision,
    Letter,
    MinuteRow,
    RankedEntry,
    Reply,
    StabilityRow,
)
from shared.contracts.dossiers import ApplicationDossier, FinalEntryDossier, ReviewDossier
from shared.infra.database import Tx
from shared.infra.stages import counted_days, stage_row
from shared.infra.tables import Stage
from shared.kernel.refusals import NotFound
from shared.rulebook import ReportTable

WATCHERS = frozenset({"office", "co_chair", "guidance", "auditor"})


async def stages_shown(tx: Tx) -> list[dict[str, Any]]:
    """All stages of ranking, running ones first, then the newest."""
    order = (Stage.closed_at.desc().nulls_first(), Stage.opens_at.desc())  # type: ignore[union-attr, attr-defined]
    found = await tx.session.execute(select(Stage).order_by(*order))
    return [stage_head(stage) for stage in found.scalars()]


def stage_head(stage: Stage) -> dict[str, Any]:
    """Where a stage is and until when."""
    rules = rules_of(stage)
    return {
        "stage_id": str(stage.stage_id),
        "kind": stage.kind,
        "cycle_id": str(stage.cycle_id),
        "category_id": str(stage.category_id),
        "category_key": stage.category_key,
        "category": rules.category.name,
        "programme": rules.rulebook.short_title,
        "supplement": stage.supplement,
        "state": stage.state,
        "waits_for": stage.waits_for,
        "stuck": stage.stuck,
        "opens_at": stage.opens_at.isoformat(),
        "closes_at": stage.closes_at.isoformat() if stage.closes_at else None,
        "counted_days": list(counted_days(stage)),
        "provisional": bool(stage.term and stage.term["provisional"]),
        "closed_at": stage.closed_at.isoformat() if stage.closed_at else None,
        "manifest_digest": stage.manifest_out_digest,
    }


async def stage_shown(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """A stage with everything decided in it so far."""
    stage, progress = await stage_row(tx, stage_id), await progress_of(tx, stage_id)
    hidden = await unseen(tx)
    cases = await cases_counted(tx, stage_id, hidden)
    shown = {**stage_head(stage), "cases": cases, "input_digest": progress.input_digest}
    if stage.kind == "evaluation":
        results = await results_of(tx, stage_id)
        open_items = [item for case, one in results.items() if case not in hidden for item in one.open_items]
        return {**shown, "open_items": len(open_items), "completed": progress.completed_at is not None}
    if stage.kind == "consultation":
        return {**shown, **await consultation_shown(tx, stage)}
    return {**shown, **await _decision_shown(tx, stage, hidden)}


async def _decision_shown(tx: Tx, stage: Stage, hidden: frozenset[UUID]) -> dict[str, Any]:
    rules, progress = rules_of(stage), await progress_of(tx, stage.stage_id)
    entries = [one for one in await entries_of(tx, stage.stage_id) if one.case_id not in hidden]
    decided = await decisions_of(tx, stage.stage_id)
    if not rules.ranks:
        entries = sorted(entries, key=lambda one: one.number)
    meeting, minute = await meeting_of(tx, stage.stage_id), await minute_of(tx, stage.stage_id)
    recusals = await recusals_shown(tx, stage.category_id, hidden)
    return {
        "title": rules.deciding.title,
        "examined": is_examined(stage),
        "decides": rules.decision.decides,
        "outcomes": [one.model_dump() for one in rules.category.case_outcomes.values()],
        "quota": rules.quota.count,
        "shares": dict(rules.quota.shares),
        "class_names": dict(rules.quota.names),
        "quota_article": rules.quota.article,
        "ties": "tie_breaks" if rules.category.tie_breaks else rules.category.tie,
        "ranking": _ranking_shown(rules, entries, decided, hidden),
        "meeting": {**meeting.model_dump(mode="json"), "recusals": recusals} if meeting else None,
        "recusals": recusals,
        "seats": await seats_to_name(tx, stage),
        "reason": progress.reason,
        "to_confirm": await digest_shown(tx, stage.stage_id) if progress.ranked_at else None,
        "completed": progress.completed_at is not None,
        "minute": _minute_shown(minute) if minute and not hidden else None,
    }


def _minute_shown(minute: MinuteRow) -> dict[str, Any]:
    link = f"/api/ranking/minutes/{minute.minute_of}.pdf" if minute.pdf_key else None
    return {"digest": minute.digest, "pdf": link, "sha256": minute.pdf_sha256}


def _ranking_shown(
    rules: StageRules, entries: Sequence[RankedEntry], decided: dict[UUID, Decision], hidden: frozenset[UUID]
) -> list[dict[str, Any]]:
    ranked = ranked_among(entries, hidden)
    by_case = {one.case_id: one for one in ranked}
    choices = {} if rules.recommends else choices_of(decided.values())
    lines, departures = line_states(ranked, rules.quota), departure_marks(ranked, choices)
    shown = []
    for entry in entries:
        decision = decided.get(entry.case_id)
        row = _entry_shown(entry, by_case.get(entry.case_id), rules)
        row["class_name"] = rules.quota.names.get(entry.division or "")
        row["line"] = lines.get(entry.case_id)
        row["departure"] = departures.get(entry.case_id)
        row["decision"] = decision.outcome if decision else None
        row["decision_label"] = rules.label_of(decision.outcome) if decision else None
        row["favourable"] = rules.is_favourable(decision.outcome) if decision else None
        row["reason"] = decision.reason if decision else None
        shown.append(row)
    return shown


def _entry_shown(entry: RankedEntry, ranked: Ranked | None, rules: StageRules) -> dict[str, Any]:
    mean = (int(entry.numerator), int(entry.denominator))
    return {
        "case_id": str(entry.case_id),
        "number": entry.number,
        "name": entry.name,
        "subject": entry.subject,
        "class": entry.division,
        "rank": ranked.rank if ranked and rules.ranks else None,
        "tie": "committee" if ranked and ranked.tied and rules.ranks else None,
        "score": score_text(*mean, exact=rules.scored_by_rule) if rules.category.scored else None,
        "mean": list(mean) if rules.category.scored else None,
        "vetoed": entry.vetoed,
        "struck": entry.struck,
    }


async def digest_shown(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """What is to be confirmed."""
    stage = await stage_row(tx, stage_id)
    if stage.kind != "decision":
        raise NotFound("本阶段没有需要确认的决定。")
    if rules_of(stage).recommends:
        return await recommendation_digest(tx, stage_id)
    return {"act": None, **await decision_digest(tx, stage_id)}


async def case_explained(tx: Tx, stage_id: UUID, case_id: UUID) -> dict[str, Any]:
    """How a case came to its score."""
    await require_seen(tx, case_id)
    stage, copy = await stage_row(tx, stage_id), await case_of(tx, stage_id, case_id)
    head = {"case_id": str(case_id), "number": copy.number, "name": copy.name}
    if stage.kind == "evaluation":
        result = await case_result(tx, stage_id, case_id)
        lines = [one["sentence"] for one in result["explanations"].values()]
        return {**head, "total": result["total"], "sheets": [{"expert": "按规则计分", "lines": lines}]}
    if copy.application is None or not rules_of(stage).category.scored:
        raise NotFound("本阶段没有可解释的计分。")
    copies = await cases_of(tx, stage_id)
    filings = [ApplicationDossier.model_validate(one.application) for one in copies if one.application is not None]
    return {**head, **review_explained(rules_of(stage).category, ReviewDossier.model_validate(copy.dossier), filings)}


async def minute_key(tx: Tx, subject: UUID) -> str:
    """Where a minute's PDF lies."""
    minute = await minute_of(tx, subject)
    if minute is None or minute.pdf_key is None or await _aside_in(tx, minute.category_id):
        raise NotFound("会议纪要尚未形成。")
    return minute.pdf_key


async def _aside_in(tx: Tx, category_id: UUID) -> bool:
    """Whether the reader stands aside from a case of the category: a paper about all of them is not for them."""
    hidden = await unseen(tx)
    return any(one.case_id in hidden for one in await recusals_of(tx, category_id))


# -- consultations -----------------------------------------------------------------------------------------------------


async def consultations_shown(tx: Tx) -> list[dict[str, Any]]:
    """Consultations this person may see, running ones first."""
    found = await tx.session.execute(
        select(Stage)
        .where(Stage.kind == "consultation")  # type: ignore[arg-type]
        .order_by(Stage.closed_at.desc().nulls_first(), Stage.opens_at.desc())  # type: ignore[union-attr, attr-defined]
    )
    shown = []
    for stage in found.scalars():
        letters = await visible_letters(tx, stage.stage_id)
        if letters:
            shown.append({**stage_head(stage), **await consultation_shown(tx, stage)})
    return shown


async def visible_letters(tx: Tx, stage_id: UUID) -> list[Letter]:
    """All letters for those who watch, its own for a department."""
    letters = await letters_of(tx, stage_id)
    if tx.actor.roles & WATCHERS:
        return letters
    return [one for one in letters if one.department_id in tx.actor.acts_for]


async def consultation_shown(tx: Tx, stage: Stage) -> dict[str, Any]:
    """Letters, cases and the answers this person may see."""
    letters = await visible_letters(tx, stage.stage_id)
    seen, hidden = {one.department_id: one.department for one in letters}, await unseen(tx)
    replies = [one for one in await replies_of(tx, stage.stage_id) if one.department_id in seen]
    rulings = await rulings_of(tx, stage.stage_id) if tx.actor.roles & WATCHERS else {}
    progress = await progress_of(tx, stage.stage_id)
    return {
        "departments": [{"department_id": str(key), "department": name} for key, name in seen.items()],
        "tallied": progress.tallied_at is not None,
        "entries": [
            {
                **_consulted(copy),
                "replies": [_reply_shown(one, seen) for one in replies if one.case_id == copy.case_id],
                **_ruling_shown(rulings.get(copy.case_id)),
            }
            for copy in sorted(await cases_of(tx, stage.stage_id), key=lambda copy: copy.dossier["position"])
            if (copy.struck is None or tx.actor.roles & WATCHERS) and copy.case_id not in hidden
        ],
    }


def _consulted(copy: CaseCopy) -> dict[str, Any]:
    """What a department sees of a case: who it is, no score and no rank."""
    return {
        "case_id": str(copy.case_id),
        "number": copy.number,
        "name": copy.name,
        "credit_code": copy.subject.get("credit_code"),
        "struck": copy.struck,
    }


def _ruling_shown(row: ConcernRuling | None) -> dict[str, Any]:
    """The ruling in force, or the one that waits for its second person."""
    in_force = row is not None and row.ruled_at is not None
    return {
        "ruling": row.ruling if row and in_force else None,
        "proposed_ruling": row.ruling if row and not in_force else None,
        "ruling_reason": row.reason if row else None,
        "proposed_by": str(row.proposed_by) if row else None,
    }


def _reply_shown(one: Reply, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "department": names[one.department_id],
        "reply": one.reply,
        "text": one.text,
        "replied_at": one.replied_at.isoformat(),
    }


async def seats_listed(tx: Tx) -> list[dict[str, Any]]:
    """Seats that fell empty."""
    hidden = await unseen(tx)
    seats = [one for one in await seats_of(tx) if not {one.vacated_by, one.proposed_case} & hidden]
    return [
        {**row, **await names_of(tx, one), "candidates": await candidates_shown(tx, one)}
        for row, one in zip(seats_shown(seats), seats, strict=True)
    ]


# -- stability ---------------------------------------------------------------------------------------------------------


async def rankings_examined(tx: Tx) -> list[dict[str, Any]]:
    """The decisions whose rankings rest on experts' sheets and were examined."""
    query = select(Stage).join(StabilityRow, StabilityRow.stage_id == Stage.stage_id)  # type: ignore[arg-type]
    found = await tx.session.execute(query.order_by(Stage.opens_at.desc()))  # type: ignore[attr-defined]
    return [stage_head(stage) for stage in found.scalars()]


async def stability_shown(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """How firmly a ranking stands, with its entries; nothing where no experts scored."""
    stage, hidden = await stage_row(tx, stage_id), await unseen(tx)
    if stage.kind != "decision":
        raise NotFound("本阶段没有排序。")
    kept = await tx.session.get(StabilityRow, stage_id)
    entries = [one for one in await entries_of(tx, stage_id) if one.case_id not in hidden]
    return {
        **stage_head(stage),
        "stability": without(kept.content, hidden) if kept else None,
        "ranking": _ranking_shown(rules_of(stage), entries, {}, hidden),
    }


async def sheets_shown(tx: Tx, stage_id: UUID) -> dict[str, Any] | None:
    """Sheets that stand out; nothing where no experts scored."""
    stage = await stage_row(tx, stage_id)
    return await sheets_examined(tx, stage) if stage.kind == "decision" and is_examined(stage) else None


# -- report table ------------------------------------------------------------------------------------------------------


async def summary(tx: Tx, stage_id: UUID) -> dict[str, Any]:
    """The report table of a recommendation, once its list is fixed."""
    stage = await stage_row(tx, stage_id)
    rules = rules_of(stage)
    lines = await _lines_seen(tx, stage_id)
    if not lines or not rules.recommends:
        raise NotFound("总表尚未形成。")
    card = rules.category.scorecard
    names = {item.id: item.name for _, item in card.lines(None)} if card else {}
    return {
        "title": f"{rules.category.name}汇总表",
        "stage_id": str(stage_id),
        "rows": summary_rows(lines, rules.category.case_outcomes),
        "totals": summary_totals(lines, rules.category.case_outcomes),
        "item_names": names,
        "maximum": str(card.total) if card else str(Decimal(0)),
    }


async def _lines_seen(tx: Tx, stage_id: UUID) -> list[FinalEntryDossier]:
    """The lines of a list that the reader sees, numbered without gaps."""
    hidden = await unseen(tx)
    found = [FinalEntryDossier.model_validate(one.dossier) for one in await list_of(tx, stage_id)]
    kept = [one for one in found if one.case_id not in hidden]
    if len(kept) == len(found):
        return kept
    return [one.model_copy(update={"position": place}) for place, one in enumerate(kept, 1)]


async def tables(tx: Tx, stage_id: UUID) -> tuple[ReportTable, ...]:
    """The report's tables of a recommendation, once its list is fixed."""
    stage = await stage_row(tx, stage_id)
    rules = rules_of(stage)
    lines = await _lines_seen(tx, stage_id)
    if not lines or not rules.recommends:
        raise NotFound("总表尚未形成。")
    title = f"{rules.category.name}汇总表"
    filings = {
        copy.number: ApplicationDossier.model_validate(copy.application)
        for copy in await cases_of(tx, stage_id)
        if copy.application is not None
    }
    return evaluation_tables(title, rules.category, lines, filings)
