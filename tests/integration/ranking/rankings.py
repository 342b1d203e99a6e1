"""A decision whose ranking was laid down directly, as long as a test wants it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from services.ranking.domain.ranks import Standing, rank
from services.ranking.tables import Decision, RankedEntry, Recusal, StageProgress
from shared.infra.database import Database
from shared.infra.stages import open_stage
from tests.integration.ranking.rooms import stage_ref


@dataclass(frozen=True)
class Laid:
    """A case of such a ranking. ``halves``: the sum of its sheets in half points; ``decided``: an outcome."""

    number: str
    halves: int
    division: str | None = None
    decided: str | None = None
    vetoed: bool = False


async def lay_ranking(
    database: Database, category: str, cases: Sequence[Laid], experts: int, aside: Sequence[str] = (), seat: str = "乙"
) -> tuple[UUID, dict[str, UUID]]:
    """A decision as it waits for the committee, and its cases. ``aside``: from which the seat stands aside."""
    ref, ids = stage_ref("decision", category, uuid4(), uuid4()), {one.number: uuid4() for one in cases}
    standings = [
        Standing(ids[one.number], one.number, one.halves, 2 * experts, one.division) for one in cases if not one.vetoed
    ]
    ranked = {one.number: one for one in rank(standings)}
    async with database.transaction() as tx:
        await open_stage(tx, ref, waits_for="co_chair")
        progress = StageProgress(
            stage_id=ref.stage_id, category_id=ref.category_id, received_at=tx.now, cases=len(cases)
        )
        progress.ranked_at, progress.input_digest = tx.now, "0" * 64
        tx.session.add(progress)
        for one in cases:
            found = ranked.get(one.number)
            tx.session.add(
                RankedEntry(
                    stage_id=ref.stage_id,
                    case_id=ids[one.number],
                    category_id=ref.category_id,
                    number=one.number,
                    subject={"name": f"演练企业{one.number[-5:]}"},
                    division=one.division,
                    numerator=str(one.halves),
                    denominator=str(2 * experts),
                    tie_values=[],
                    previous_digest="0" * 64,
                    vetoed=one.vetoed,
                    rank=found.rank if found else None,
                    place=found.place if found else None,
                    tied=bool(found and found.tied),
                )
            )
            if one.decided:
                decision = {"stage_id": ref.stage_id, "case_id": ids[one.number], "outcome": one.decided}
                tx.session.add(Decision(**decision, decided_by=uuid4(), decided_at=tx.now))
        for number in aside:
            place = {"case_id": ids[number], "seat": seat, "category_id": ref.category_id}
            tx.session.add(Recusal(**place, reason="演练：亲属任职", recorded_by=uuid4(), recorded_at=tx.now))
    return ref.stage_id, ids
