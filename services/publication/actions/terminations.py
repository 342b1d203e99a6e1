"""终止公告: a category that was cancelled is announced as publicly as it was called."""

from uuid import UUID

from pydantic import BaseModel

from services.publication import store
from services.publication.actions.postings import lawful_channels, require_channel, state_posting
from services.publication.actions.sites import want_overviews
from services.publication.domain import texts
from services.publication.domain.objections import require_reason
from services.publication.domain.scanning import require_clean
from services.publication.tables import Category, Posting, StageSeen
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.kernel.canonical import digest_bytes
from shared.kernel.refusals import Conflict
from shared.rulebook import StageKind

KIND = "termination"


class Termination(BaseModel):
    """A recorded termination notice and where its page is."""

    posting_id: UUID
    category_id: UUID
    digest: str
    page: str


async def terminate_publicly(tx: Tx, category_id: UUID, channel: str, address: str, reason: str) -> Termination:
    """Record that the end of a cancelled category was announced, once, with its reason.

    Raises:
        Conflict: the category was not cancelled, or its end was announced already.
    """
    category = await store.category(tx, category_id)
    await tx.lock("termination", category_id)
    stage = await store.cancelled_stage(tx, category_id)
    if stage is None:
        raise Conflict("not_cancelled", "该项目没有终止，不能发布终止公告。")
    if [row for row in await store.postings(tx, KIND) if row.category_id == category_id]:
        raise Conflict("already_posted", "终止公告已经登记过，不能重复登记。")
    require_channel(channel, _channels(category))
    row = await _posting(tx, category, stage, channel, address, require_reason(reason))
    tx.session.add(row)
    await tx.session.flush()
    await state_posting(tx, row)
    path = f"/lists/{row.posting_id}"
    await store.want_page(tx, f"{path}/index.html", KIND, row.posting_id)
    await want_overviews(tx)
    return Termination(posting_id=row.posting_id, category_id=category_id, digest=row.digest, page=path)


def _channels(category: Category) -> tuple[str, ...]:
    rules = store.rules_of(category)
    named = lawful_channels(rules, StageKind.CALL) + lawful_channels(rules, StageKind.PUBLICITY)
    return tuple(dict.fromkeys(named)) or (store.rulebook_of(category).issuer,)


async def _posting(tx: Tx, category: Category, stage: StageSeen, channel: str, address: str, reason: str) -> Posting:
    cycle = await store.cycle(tx, category.cycle_id)
    rulebook, rules = store.rulebook_of(category), store.rules_of(category)
    text = texts.termination_text(rulebook, rules, cycle.year, reason, rehearsal=tx.rehearsal)
    require_clean("公告文本", text)
    return Posting(
        posting_id=new_id(),
        stage_id=stage.stage_id,
        cycle_id=category.cycle_id,
        category_id=category.category_id,
        kind=KIND,
        channel=channel,
        address=address,
        text=text,
        digest=digest_bytes(text.encode()),
        posted_at=tx.now,
        recorded_by=tx.actor.account_id,
    )
