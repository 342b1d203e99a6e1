"""The expert pool: who is in it, recorded by one and approved by another, suspended, available or not."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.review.actions.ties import look_again_everywhere
from services.review.domain.pool import ExpertState
from services.review.tables import Expert
from shared.infra.database import Tx
from shared.kernel.credit_code import check_credit_code
from shared.kernel.ids import derived_id
from shared.kernel.names import seen_name
from shared.kernel.refusals import Conflict, NotAllowed, NotFound, Refusal


@dataclass(frozen=True, slots=True)
class Particulars:
    """What an expert is besides name and pool; all of it may be unknown. ``load_cap``: running panels at once."""

    field: str | None = None
    posts: str | None = None
    load_cap: int | None = None


async def record_expert(
    tx: Tx,
    known_pools: dict[str, str],
    *,
    login: str,
    name: str,
    pool: str,
    employer: str,
    employer_code: str | None,
    particulars: Particulars | None = None,
) -> UUID:
    """Record or correct an expert; the account's login fixes the id. What is new waits for another person's approval,
    and running panels are looked at again.

    Raises:
        Refusal: an unknown pool, or a credit code whose check character is wrong.
    """
    if pool not in known_pools:
        raise Refusal("unknown_pool", f"没有“{pool}”这个专家库。", field="pool", article="第二十条")
    expert_id = derived_id("expert", login)
    values = {
        "login": login,
        "name": seen_name(name, "name"),
        "pool": pool,
        "employer": seen_name(employer, "employer"),
        "employer_code": check_credit_code(employer_code) if employer_code else None,
        **(asdict(particulars) if particulars else {}),
    }
    known = await tx.session.get(Expert, expert_id, with_for_update=True)
    if known is not None and all(getattr(known, name) == value for name, value in values.items()):
        return expert_id
    recorded = {**values, "state": ExpertState.RECORDED, "recorded_by": tx.actor.account_id, "approved_by": None}
    statement = insert(Expert).values(expert_id=expert_id, available=True, recorded_at=tx.now, **recorded)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["expert_id"], set_=recorded))
    if known is not None:
        tx.session.expire(known)
    await tx.audit("expert.recorded", expert=expert_id, recorded=values)
    await look_again_everywhere(tx, expert_id)
    return expert_id


async def approve(tx: Tx, expert_ids: Sequence[UUID]) -> int:
    """Confirm the identity of experts that somebody else recorded; returns how many were waiting.

    Raises:
        NotAllowed: the same person recorded one of them.
    """
    waiting = [one for one in await _named(tx, expert_ids) if one.state == ExpertState.RECORDED]
    for expert in waiting:
        if expert.recorded_by == tx.actor.account_id:
            raise NotAllowed(f"{expert.name}由您登记，须由另一人复核。", "same_person")
        expert.state, expert.approved_by, expert.state_reason = ExpertState.APPROVED, tx.actor.account_id, None
        tx.session.add(expert)
        await tx.audit("expert.approved", expert=expert.expert_id)
    return len(waiting)


async def suspend(tx: Tx, expert_id: UUID, reason: str) -> None:
    """Take an expert out of all coming draws, with a reason."""
    (expert,) = await _named(tx, [expert_id])
    expert.state, expert.state_reason = ExpertState.SUSPENDED, reason
    tx.session.add(expert)
    await tx.audit("expert.suspended", expert=expert_id, reason=reason)


async def restore(tx: Tx, expert_id: UUID, reason: str) -> None:
    """End a suspension, with a reason; another person approves the expert anew."""
    (expert,) = await _named(tx, [expert_id])
    if expert.state != ExpertState.SUSPENDED:
        raise Conflict("not_suspended", "这位专家没有暂停。")
    expert.state, expert.state_reason = ExpertState.RECORDED, reason
    expert.recorded_by = tx.actor.account_id
    tx.session.add(expert)
    await tx.audit("expert.restored", expert=expert_id, reason=reason)


async def _named(tx: Tx, expert_ids: Sequence[UUID]) -> list[Expert]:
    found = [await tx.session.get(Expert, one, with_for_update=True) for one in sorted(expert_ids)]
    if None in found:
        raise NotFound("专家库中没有这位专家。")
    return [one for one in found if one is not None]


async def set_available(tx: Tx, expert_id: UUID, available: bool) -> None:
    """Say whether an expert can be drawn now."""
    expert = await tx.session.get(Expert, expert_id)
    if expert is None:
        raise NotFound("专家库中没有这位专家。")
    expert.available = available
    tx.session.add(expert)
    await tx.audit("expert.availability_set", expert=expert_id, available=available)
