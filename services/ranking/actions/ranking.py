"""Ranking the cases of a decision: exact inputs kept, their digest stated, ties by the printed rules or flagged."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from services.ranking.actions.parts import ranking_inputs
from services.ranking.actions.stages import CO_CHAIR, OFFICE, close_up, held_stage, now_wait_for
from services.ranking.rules import StageRules, rules_of
from services.ranking.store import cases_of
from services.ranking.tables import CaseCopy, RankedEntry
from shared.contracts.dossiers import ReviewDossier
from shared.contracts.facts import NoticeDue
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import stage_place
from shared.infra.tables import Stage
from shared.kernel.canonical import digest, plain_decimal
from shared.kernel.refusals import Refusal
from shared.rulebook import read_figures


async def rank_stage(tx: Tx, stage_id: UUID) -> None:
    """Compute the ranking of a decision stage, once, and say whom it waits for."""
    stage, progress = await held_stage(tx, stage_id)
    if progress.ranked_at is not None:
        return
    rules = rules_of(stage)
    entries = [_entry(stage, rules, copy) for copy in await cases_of(tx, stage_id)]
    tx.session.add_all(entries)
    await tx.session.flush()
    await close_up(tx, stage, entries)
    progress.input_digest = inputs_digest(stage, entries)
    progress.ranked_at = tx.now
    tx.session.add(progress)
    await tx.audit("ranking.inputs_fixed", **stage_place(stage), public=progress.input_digest)
    await _call_deciders(tx, stage, rules)


def _entry(stage: Stage, rules: StageRules, copy: CaseCopy) -> RankedEntry:
    dossier = ReviewDossier.model_validate(copy.dossier)
    return RankedEntry(
        stage_id=stage.stage_id,
        case_id=copy.case_id,
        category_id=stage.category_id,
        number=copy.number,
        subject=copy.subject,
        division=copy.variant if rules.category.split else None,
        numerator=str(dossier.mean_numerator),
        denominator=str(dossier.mean_denominator),
        tie_values=_tie_values(rules, copy),
        previous_digest=copy.dossier_digest,
        vetoed=dossier.vetoed,
        struck=copy.struck,
    )


def _tie_values(rules: StageRules, copy: CaseCopy) -> list[str | None]:
    """The figures that the printed tie-breaks compare, turned so that the greater is the better."""
    if not rules.category.tie_breaks:
        return []
    if copy.application is None:
        raise Refusal("no_filing", f"{copy.number}：没有申报数据，无法按规定区分同分。")
    figures = read_figures(rules.category, copy.application["figures"]).figures
    return [_turned(figures.get(tie.fact), tie.direction) for tie in rules.category.tie_breaks]


def _turned(value: object, direction: str) -> str | None:
    if not isinstance(value, Decimal):
        return None
    return plain_decimal(value if direction == "descending" else -value)


def inputs_digest(stage: Stage, entries: Sequence[RankedEntry]) -> str:
    """The digest of everything that decides the ranks and never changes again; who was struck stands beside it."""
    inputs = [{name: value for name, value in one.items() if name != "struck"} for one in ranking_inputs(entries)]
    return digest({"stage_id": stage.stage_id, "rulebook": stage.rulebook_digest, "entries": inputs})


async def _call_deciders(tx: Tx, stage: Stage, rules: StageRules) -> None:
    role = OFFICE if rules.recommends else CO_CHAIR
    await now_wait_for(tx, stage.stage_id, role)
    await tx.emit(
        NoticeDue(
            source=tx.service,
            cycle_id=stage.cycle_id,
            category_id=stage.category_id,
            notice_id=new_id(),
            recipient_kind="role",
            recipient_role=role,
            template="decision_due",
            stage_title="研究决定",
            link="/committee",
        )
    )
