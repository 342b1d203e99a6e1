"""Lines of shortlists and final lists: written once, handed over as dossiers."""

from collections.abc import Sequence
from typing import Any

from services.ranking.actions.stages import deposit
from services.ranking.rules import rules_of
from services.ranking.tables import ListEntry
from shared.contracts.dossiers import FinalEntryDossier, ManifestEntry
from shared.infra.database import Tx
from shared.infra.tables import Stage
from shared.kernel.canonical import plain


async def put_line(
    tx: Tx, stage: Stage, line: FinalEntryDossier, variant: str | None, *, final: bool
) -> ManifestEntry:
    """Write a line of a list and put its dossier down; returns its manifest entry."""
    dossier_digest = await tx.put_dossier(line, "list-line")
    tx.session.add(
        ListEntry(
            stage_id=stage.stage_id,
            case_id=line.case_id,
            category_id=stage.category_id,
            supplement=stage.supplement,
            final=final,
            position=line.position,
            number=line.number,
            subject=line.subject.model_dump(mode="json"),
            outcome=line.outcome,
            dossier_digest=dossier_digest,
            dossier=line.model_dump(mode="json"),
        )
    )
    return ManifestEntry(
        case_id=line.case_id,
        number=line.number,
        dossier_digest=dossier_digest,
        subject=line.subject,
        variant=variant,
    )


async def deposit_final_list(tx: Tx, stage: Stage, lines: Sequence[FinalEntryDossier]) -> None:
    """The final list as a public part: only the fields that the rulebook discloses."""
    shown = rules_of(stage).rulebook.disclosure.public_fields
    name = "final-list.json" if stage.supplement == 0 else f"final-list-{stage.supplement}.json"
    entries = [{"position": line.position, **_public(line, shown)} for line in lines]
    await deposit(tx, stage, name, "public", {"stage_id": stage.stage_id, "entries": entries})


def _public(line: FinalEntryDossier, shown: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        **line.subject.model_dump(),
        "rank": line.rank,
        "score": line.score,
        "recommendation": line.outcome,
        "reason": line.reason,
    }
    return {name: plain(values.get(name)) for name in shown}
