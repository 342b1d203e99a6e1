"""Facts that matter to ranking."""

from services.ranking.actions.amendments import take_in_amendment, take_in_ruling
from services.ranking.actions.parts import deposit_category
from shared.contracts.facts import BundleWanted, CaseAmended, ObjectionRuled
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

    @interests.on("bundles", BundleWanted, source="publication")
    async def bundle_wanted(tx: Tx, fact: BundleWanted) -> None:
        if fact.category_id is not None:
            await deposit_category(tx, fact.category_id)

    return interests
