"""Lines of shortlists and final lists: written once, handed over as dossiers."""

from services.ranking.tables import ListEntry
from shared.contracts.dossiers import FinalEntryDossier, ManifestEntry
from shared.infra.database import Tx
from shared.infra.tables import Stage


async def put_line(tx: Tx, stage: Stage, line: FinalEntryDossier, variant: str | None, *, final: bool) -> ManifestEntry:
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
