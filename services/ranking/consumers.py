"""Facts that matter to ranking."""

from services.ranking.actions.amendments import take_in_amendment, take_in_ruling
from shared.contracts.facts import CaseAmended, ObjectionRuled
from shared.infra.database import Tx
from shared.infra.messaging import Interests
from shared.infra.service import Service


def consumers(service: Service) -> Interests:
    """What ranking takes in."""
    interests = Interests(service.name)

    @interests.on("cases", CaseAmended, source="submission")
    async def case_amended(tx: Tx, fact: CaseAmended) -> None:
        await take_in_amendment(tx, fact)

    @interests.on("objections", ObjectionRuled, source="publication")
    async def objection_ruled(tx: Tx, fact: ObjectionRuled) -> None:
        await take_in_ruling(tx, fact)

    return interests
