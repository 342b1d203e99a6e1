"""The expert pool: who is in it, under which pool, employed where, available or not."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.review.tables import Expert
from shared.infra.database import Tx
from shared.kernel.credit_code import check_credit_code
from shared.kernel.ids import derived_id
from shared.kernel.refusals import NotFound, Refusal


async def record_expert(
    tx: Tx, known_pools: dict[str, str], *, login: str, name: str, pool: str, employer: str, employer_code: str | None
) -> UUID:
    """Record or correct an expert; the account's login fixes the id.

    Raises:
        Refusal: an unknown pool, or a credit code whose check character is wrong.
    """
    if pool not in known_pools:
        raise Refusal("unknown_pool", f"没有“{pool}”这个专家库。", field="pool", article="第二十条")
    expert_id = derived_id("expert", login)
    values = {
        "login": login,
        "name": name,
        "pool": pool,
        "employer": employer,
        "employer_code": check_credit_code(employer_code) if employer_code else None,
    }
    statement = insert(Expert).values(expert_id=expert_id, available=True, recorded_at=tx.now, **values)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["expert_id"], set_=values))
    await tx.audit("expert.recorded", expert=expert_id, recorded=values)
    return expert_id


async def set_available(tx: Tx, expert_id: UUID, available: bool) -> None:
    """Say whether an expert can be drawn now."""
    expert = await tx.session.get(Expert, expert_id)
    if expert is None:
        raise NotFound("专家库中没有这位专家。")
    expert.available = available
    tx.session.add(expert)
    await tx.audit("expert.availability_set", expert=expert_id, available=available)
