"""A stage with everything decided in it so far, as far as its reader sees it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.ranking.actions.confirming import decision_digest
from services.ranking.actions.evaluation import case_result
from services.ranking.actions.members import recusals_shown, require_seen, seats_to_name, unseen
from services.ranking.actions.minutes import minute_shown
from services.ranking.actions.recommendation import recommendation_digest
from services.ranking.actions.stability import is_examined
from services.ranking.domain.decisions import Departure, LineState, departure_marks, line_states
from services.ranking.domain.explaining import review_explained
from services.ranking.domain.lists import score_text
from services.ranking.domain.ranks import Ranked
from services.ranking.reading.consultations import consultation_shown
from services.ranking.reading.heads import stage_head
from services.ranking.rules import StageRules, rules_of
from services.ranking.seen import SeenRanking
from services.ranking.store import (
    case_of,
    cases_counted,
    cases_of,
    choices_of,
    decisions_of,
    entries_of,
    meeting_of,
    progress_of,
    ranked_among,
    results_of,
)
from services.ranking.tables import (
    Decision,
    RankedEntry,
)
from shared.contracts.dossiers import ApplicationDossier, ReviewDossier
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.infra.tables import Stage
from shared.kernel.refusals import NotFound

PAGE = 100


async def stage_shown(tx: Tx, stage_id: UUID, page: int | None = None) -> dict[str, Any]:
    """A stage with everything decided in it so far; ``page`` (from 1) of its ranking, None for the whole."""
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
    return {**shown, **await _decision_shown(tx, stage, hidden, page)}


async def _decision_shown(tx: Tx, stage: Stage, hidden: frozenset[UUID], page: int | None) -> dict[str, Any]:
    rules, progress = rules_of(stage), await progress_of(tx, stage.stage_id)
    listed = await _ranking(tx, stage, rules, hidden, page)
    to_confirm = await _to_confirm(tx, stage, rules, hidden, page) if progress.ranked_at else None
    meeting = await meeting_of(tx, stage.stage_id)
    recusals = await _named(tx, stage.stage_id, await recusals_shown(tx, stage.category_id, hidden))
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
        **listed,
        "distribution": await _distribution(tx, stage.stage_id, rules, hidden),
        "meeting": {**meeting.model_dump(mode="json"), "recusals": recusals} if meeting else None,
        "recusals": recusals,
        "seats": await seats_to_name(tx, stage),
        "reason": progress.reason,
        "to_confirm": to_confirm,
        "completed": progress.completed_at is not None,
        "minute": await minute_shown(tx, stage.stage_id),
    }


async def _ranking(
    tx: Tx, stage: Stage, rules: StageRules, hidden: frozenset[UUID], page: int | None
) -> dict[str, Any]:
    """The ranking or a page of it, how many entries and pages there are; a page is read alone, however long it is."""
    if page is not None:
        return await _page(tx, stage, rules, hidden, page)
    entries = [one for one in await entries_of(tx, stage.stage_id) if one.case_id not in hidden]
    if not rules.ranks:
        entries = sorted(entries, key=lambda one: one.number)
    shown = ranking_shown(rules, entries, await decisions_of(tx, stage.stage_id), hidden)
    return {"ranking": shown, "entries": len(shown), "page": 1, "pages": 1}


async def _distribution(tx: Tx, stage_id: UUID, rules: StageRules, hidden: frozenset[UUID]) -> list[dict[str, Any]]:
    """How many cases have which score, where a quota line lies among them."""
    if rules.recommends or not rules.category.scored or rules.quota.count is None:
        return []
    return [one.as_json() for one in await SeenRanking(tx, stage_id, hidden).histograms(rules.quota)]


async def _page(tx: Tx, stage: Stage, rules: StageRules, hidden: frozenset[UUID], page: int) -> dict[str, Any]:
    seen = SeenRanking(tx, stage.stage_id, hidden)
    total = (await seen.counted()).entries
    pages = -(-total // PAGE) or 1
    if page > pages:
        raise NotFound(f"排序共{pages}页，没有第{page}页。")
    found = await seen.page((page - 1) * PAGE, PAGE, ranks=rules.ranks)
    decided = await decisions_of(tx, stage.stage_id, [one.case_id for one, _ in found])
    edges = await seen.edges(rules.quota)
    shown = []
    for entry, ranked in found:
        decision, at = decided.get(entry.case_id), edges.get(entry.division)
        chosen = None if decision is None or rules.recommends else decision.outcome == "shortlisted"
        line = at.line_state(ranked.rank) if at and ranked else None
        departure = at.departure(ranked.rank, chosen) if at and ranked else None
        shown.append(_row(rules, entry, ranked, decision, line, departure))
    return {"ranking": shown, "entries": total, "page": page, "pages": pages}


async def _to_confirm(
    tx: Tx, stage: Stage, rules: StageRules, hidden: frozenset[UUID], page: int | None
) -> dict[str, Any]:
    """What is to be confirmed; on a page only its counts as long as something is undecided, for nobody can confirm,
    and what was confirmed once it is decided."""
    if page is not None:
        counted = await SeenRanking(tx, stage.stage_id, hidden).counted(ranks=not rules.recommends)
        progress = await progress_of(tx, stage.stage_id)
        missing = counted.standing - counted.decided
        if missing or progress.completed_at is not None:
            agreed = None if missing or hidden else progress.completed_digest
            return {"act": None, "digest": agreed, "undecided_count": missing, "shortlisted": counted.shortlisted}
    found = await digest_shown(tx, stage.stage_id)
    return {**found, "undecided_count": len(found["undecided"])}


async def _named(tx: Tx, stage_id: UUID, recusals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Recusals with number and name of their cases, as far as they stand in this stage."""
    entries = await entries_of(tx, stage_id, [UUID(one["case"]) for one in recusals])
    names = {str(one.case_id): {"number": one.number, "name": one.name} for one in entries}
    return [{**one, **names.get(one["case"], {"number": None, "name": None})} for one in recusals]


def ranking_shown(
    rules: StageRules, entries: Sequence[RankedEntry], decided: dict[UUID, Decision], hidden: frozenset[UUID]
) -> list[dict[str, Any]]:
    """The entries as they are shown, ranked among those that the reader sees."""
    ranked = ranked_among(entries, hidden)
    by_case = {one.case_id: one for one in ranked}
    choices = {} if rules.recommends else choices_of(decided.values())
    lines, departures = line_states(ranked, rules.quota), departure_marks(ranked, choices)
    return [
        _row(
            rules,
            entry,
            by_case.get(entry.case_id),
            decided.get(entry.case_id),
            lines.get(entry.case_id),
            departures.get(entry.case_id),
        )
        for entry in entries
    ]


def _row(
    rules: StageRules,
    entry: RankedEntry,
    ranked: Ranked | None,
    decision: Decision | None,
    line: LineState | None,
    departure: Departure | None,
) -> dict[str, Any]:
    return {
        **_entry_shown(entry, ranked, rules),
        "class_name": rules.quota.names.get(entry.division or ""),
        "line": line,
        "departure": departure,
        "decision": decision.outcome if decision else None,
        "decision_label": rules.label_of(decision.outcome) if decision else None,
        "favourable": rules.is_favourable(decision.outcome) if decision else None,
        "reason": decision.reason if decision else None,
    }


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
