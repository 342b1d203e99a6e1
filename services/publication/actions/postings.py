"""Postings: the text to be posted, and the record that it was, from which terms count."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.publication import store
from services.publication.actions.sites import want_notice
from services.publication.domain import texts
from services.publication.domain.scanning import require_clean
from services.publication.domain.steps import Desk, in_call
from services.publication.tables import Posting
from shared.contracts.facts import PostingRecorded
from shared.contracts.names import stage_workflow_id
from shared.contracts.workflows import StageRef, Todo
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import close_stage, open_stage, set_term, stage_for_act, stage_row
from shared.infra.tables import Stage
from shared.kernel.calendar import business_date
from shared.kernel.canonical import digest, digest_bytes
from shared.kernel.refusals import Conflict, Refusal
from shared.kernel.stages import StageState
from shared.rulebook import Category, StageKind
from shared.rulebook.stages import CallParams, PublicityParams

STATED = frozenset({"posting_id", "stage_id", "kind", "channel", "address", "digest", "posted_at"})
"""What the ledger's digest of a posting is over; a bundle shows these and the text itself."""
KINDS = {StageKind.CALL: "call", StageKind.PUBLICITY: "notice"}


class Draft(BaseModel):
    """The text to be posted, its digest, and the channels the rulebook names."""

    stage_id: UUID
    kind: str
    text: str
    digest: str
    channels: tuple[str, ...]


class Posted(BaseModel):
    """A recorded posting; ``closes_at`` is the end of the term that counts from it, if one does."""

    posting_id: UUID
    stage_id: UUID
    kind: str
    posted_at: datetime
    digest: str
    closes_at: datetime | None = None
    counted_days: tuple[str, ...] = ()


async def posting_draft(tx: Tx, stage_id: UUID) -> Draft:
    """The text of a stage's call or notice, as it stands now."""
    stage = await stage_row(tx, stage_id)
    kind = _kind(stage)
    text = await (_call(tx, stage) if kind == "call" else _notice(tx, stage))
    return Draft(stage_id=stage_id, kind=kind, text=text, digest=digest_bytes(text.encode()), channels=_channels(stage))


async def record_posting(
    tx: Tx, stage_id: UUID, channel: str, address: str, text: str | None = None, posted_at: datetime | None = None
) -> Posted:
    """Record that the call or notice was posted: once, in a lawful channel, not before it could be and not ahead.

    A notice starts its term here: counted from the day after ``posted_at``.
    """
    stage = await stage_for_act(tx, stage_id, update=True)
    draft = await posting_draft(tx, stage_id)
    if await store.posting(tx, stage_id) is not None:
        raise Conflict("already_posted", "本阶段的发布已经登记过，不能重复登记。")
    row = _posting(tx, stage, draft, channel, address, text, posted_at or tx.now)
    tx.session.add(row)
    await tx.session.flush()
    await state_posting(tx, row)
    if draft.kind == "notice":
        term = texts.publicity_term(store.rules_of(stage))
        stage.waits_for = None
        await set_term(tx, stage, business_date(row.posted_at), term.length, term.unit.value)
    await tx.nudge(stage_workflow_id(stage_id))
    await want_notice(tx, stage_id)
    return _answer(row, stage)


def require_channel(channel: str, lawful: tuple[str, ...]) -> None:
    """Refuse a channel that the rulebook does not name."""
    if channel not in lawful:
        raise Refusal("channel", f"应当发布在实施办法规定的渠道：{'、'.join(lawful)}。", field="channel")


def _posting(
    tx: Tx, stage: Stage, draft: Draft, channel: str, address: str, text: str | None, posted_at: datetime
) -> Posting:
    require_channel(channel, draft.channels)
    if not stage.opens_at <= posted_at <= tx.now:
        raise Refusal("posted_at", "发布时间不能早于本阶段开始，也不能晚于现在。", field="posted_at")
    body = draft.text if text is None else text
    require_clean("发布文本", body)
    return Posting(
        posting_id=new_id(),
        stage_id=stage.stage_id,
        cycle_id=stage.cycle_id,
        category_id=stage.category_id,
        kind=draft.kind,
        channel=channel,
        address=address,
        text=body,
        digest=digest_bytes(body.encode()),
        posted_at=posted_at,
        recorded_by=tx.actor.account_id,
    )


async def state_posting(tx: Tx, row: Posting) -> None:
    """Audit a posting with the digest of what, where and when in the ledger, and state the fact."""
    place = row.model_dump(include={"cycle_id", "category_id", "stage_id"})
    public = digest(row.model_dump(include={*STATED}))
    await tx.audit("posting.recorded", **place, public=public, channel=row.channel, address=row.address)
    names = set(PostingRecorded.model_fields) - {"version", "case_id"}
    await tx.emit(PostingRecorded(**row.model_dump(include=names)))


def _answer(row: Posting, stage: Stage) -> Posted:
    days = tuple(stage.term["counted_days"]) if stage.term else ()
    return Posted(**row.model_dump(include=set(Posted.model_fields)), closes_at=stage.closes_at, counted_days=days)


async def _call(tx: Tx, stage: Stage) -> str:
    cycle = await store.cycle(tx, stage.cycle_id)
    rulebook = store.rulebook_of(stage)
    return texts.call_text(rulebook, store.rules_of(stage), cycle.year, rehearsal=tx.rehearsal)


async def _notice(tx: Tx, stage: Stage) -> str:
    cycle = await store.cycle(tx, stage.cycle_id)
    listing = await store.listing_of_stage(tx, stage.stage_id)
    if listing is None or listing.received_at is None:
        raise Conflict("list_not_received", "最终名单尚未收齐，暂不能发布公示。")
    rows = [row for row in await store.entries(tx, listing.listing_id) if row.state == "listed"]
    subjects = [(row.number, store.as_entry(row).subject) for row in rows]
    return texts.notice_text(
        store.rulebook_of(stage), store.rules_of(stage), cycle.year, subjects, stage.supplement, rehearsal=tx.rehearsal
    )


def _kind(stage: Stage) -> str:
    kind = KINDS.get(StageKind(stage.kind))
    if kind is None:
        raise Conflict("nothing_to_post", "本阶段没有需要发布的公告或公示。")
    return kind


def _channels(stage: Stage) -> tuple[str, ...]:
    return lawful_channels(store.rules_of(stage), StageKind(stage.kind))


def lawful_channels(rules: Category, kind: StageKind) -> tuple[str, ...]:
    """The channels that the rulebook names for a call or a notice."""
    found = rules.stage(kind)
    params = found.params if found else None
    if isinstance(params, CallParams):
        return params.channels
    return (params.channel,) if isinstance(params, PublicityParams) else ()


async def call_step(tx: Tx, ref: StageRef) -> Todo:
    """What a call's workflow does next."""
    stage = await tx.session.get(Stage, ref.stage_id)
    posted = await store.posting(tx, ref.stage_id) is not None
    return Todo(step=in_call(Desk(state=StageState(stage.state) if stage else None, posted=posted)).step)


async def begin_call(tx: Tx, ref: StageRef) -> None:
    """Open the stage: the office is to post the call."""
    await open_stage(tx, ref, waits_for="office")


async def close_call(tx: Tx, stage_id: UUID) -> None:
    """The call is posted: what follows counts from the posting."""
    posted = await store.posting(tx, stage_id)
    if posted is not None:
        await close_stage(tx, await stage_row(tx, stage_id, update=True), counted_from=posted.posted_at)
