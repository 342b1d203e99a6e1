"""A call or notice as the page shows it, from the rows."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from services.publication import store
from services.publication.domain import lists
from services.publication.domain.texts import CONTACT, titled
from services.publication.tables import Category, Listing, Posting, Release
from shared.infra.database import Tx
from shared.infra.tables import Stage, Witness
from shared.kernel import calendar
from shared.kernel.calendar import business_date
from shared.kernel.canonical import canonical, digest, digest_bytes
from shared.kernel.stages import StageState, over_at
from shared.rulebook import Rulebook, StageKind
from shared.web.parts import Download, StageStep, StepState, Term
from shared.web.patterns import EntryState, ListEntry, ListKind, ObjectionGuide, PublicList

_STATES = {
    "open": StepState.CURRENT,
    "paused": StepState.PAUSED,
    "closed": StepState.DONE,
    "cancelled": StepState.CANCELLED,
}
_EXTRA = ("unit", "industry", "district", "ownership", "recommendation", "reason")
_STEPS = (
    "核对名单中的案号与名称，准备真实姓名、联系方式和依据。",
    "公示期内点击“提出异议”填写；您的身份信息加密保存，只有办公室经办人可见。",
    "记下回执编号和查询码，可随时查询处理进展；有异议的条目核查期间暂不发布。",
)


def term_shown(stage: Stage, today: date, article: str) -> Term | None:
    """The stage's term with its counted days, as people must see it."""
    if stage.term is None:
        return None
    counted = calendar.Term.model_validate(stage.term)
    running = StageState(stage.state) in (StageState.OPEN, StageState.PAUSED)
    return Term(
        label="公示期",
        ends_at=counted.closes_at,
        working_days_left=calendar.working_days_left(counted, today) if running else None,
        counted=counted.counted_days,
        posted_on=counted.starts_on,
        today=today if running else None,
        provisional=counted.provisional,
        earliest_end=counted.earliest_closes_at if counted.provisional else None,
        rule=calendar.describe(counted),
        article=article,
        calendar_version=counted.calendar_version,
    )


async def stage_line(tx: Tx, category: Category) -> tuple[StageStep, ...]:
    """The category's stages in the rulebook's order, as far as they are known here."""
    seen = await store.stages_seen(tx, category.category_id)
    released = [row for row in await store.releases(tx, category.category_id) if row.supplement == 0]
    steps = []
    for stage in store.rules_of(category).stages:
        row = seen.get(stage.kind)
        if stage.kind is StageKind.RELEASE:
            steps.append(_release_step(stage.title, released))
        elif row is None:
            steps.append(StageStep(name=stage.title, state=StepState.FUTURE))
        else:
            opens = business_date(row.opens_at) if row.opens_at else None
            closed = row.closed_at if row.state == "closed" else None
            ends = over_at(row.kind, row.closes_at, closed) if closed else row.closes_at
            steps.append(
                StageStep(
                    name=stage.title,
                    state=_STATES[row.state],
                    opens_on=opens,
                    closes_at=ends,
                    provisional=row.provisional and row.state != "closed",
                )
            )
    return tuple(steps)


def _release_step(title: str, released: list[Release]) -> StageStep:
    if not released:
        return StageStep(name=title, state=StepState.FUTURE)
    day = business_date(released[0].released_at)
    return StageStep(name=title, state=StepState.DONE, opens_on=day, closes_at=released[0].released_at)


def list_entry(row: dict[str, Any], extra: tuple[str, ...], state: EntryState, note: str | None) -> ListEntry:
    """A line of the public list from its whitelisted fields."""
    return ListEntry(
        name=row["name"],
        place=row["place"] if state is EntryState.LISTED else None,
        identifier=row.get("credit_code") or row["number"],
        extra=tuple(str(row.get(name, "—")) for name in extra),
        score=_decimal(row.get("score")),
        state=state,
        note=note,
    )


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text is not None else None
    except InvalidOperation:
        return None


def extra_columns(rulebook: Rulebook, content: dict[str, Any]) -> tuple[str, ...]:
    """The public fields that are columns of their own; a unit only where persons or cases are honoured."""
    shown = [name for name in _EXTRA if name in rulebook.disclosure.shown_fields]
    has_units = any("unit" in entry for entry in content["entries"])
    return tuple(name for name in shown if name != "unit" or has_units)


async def checkpoint(tx: Tx) -> str | None:
    """The newest ledger checkpoint this service has heard of."""
    witness = await tx.session.get(Witness, 1)
    return witness.checkpoint if witness else None


async def notice(tx: Tx, stage: Stage, posting: Posting, listing: Listing) -> tuple[PublicList, dict[str, Any]]:
    """The notice of a list as shown, and its content as data for the downloads."""
    rulebook, rules = store.rulebook_of(stage), store.rules_of(stage)
    content, entries = await _notice_entries(tx, listing)
    extra = extra_columns(rulebook, content)
    category = await store.category(tx, stage.category_id)
    shown = PublicList(
        kind=ListKind.SUPPLEMENT if stage.supplement else ListKind.PUBLICITY,
        heading=f"{titled(content['year'], rules.name)}拟发布名单公示"
        + (f"（增补第{stage.supplement}次）" if stage.supplement else ""),
        issuer=rulebook.issuer,
        posted_at=posting.posted_at,
        channel=posting.channel,
        entries=entries,
        digest=digest(content),
        quota=rules.quota.count if stage.supplement == 0 else None,
        unit=rules.quota.unit,
        extra_columns=tuple(lists.COLUMNS[name] for name in extra),
        shows_scores="score" in rulebook.disclosure.shown_fields,
        ordered=rulebook.disclosure.shows_rank,
        order_note="按得分排序" if rulebook.disclosure.shows_rank else "排名不分先后，按案号排列",
        stages=await stage_line(tx, category),
        term=term_shown(stage, business_date(tx.now), _article(stage)),
        objection=_guide(stage, tx),
        downloads=downloads(f"/lists/{stage.stage_id}", canonical(content), lists.as_csv(content).encode()),
        checkpoint=await checkpoint(tx),
    )
    return shown, content


async def _notice_entries(tx: Tx, listing: Listing) -> tuple[dict[str, Any], tuple[ListEntry, ...]]:
    """Everything that was put up, with how it stands now; places count those that are still listed."""
    rulebook, rules = store.rulebook_of(listing), store.rules_of(listing)
    cycle = await store.cycle(tx, listing.cycle_id)
    rows = {row.number: row for row in await store.entries(tx, listing.listing_id)}
    held = await store.held_cases(tx, [listing.stage_id])
    frame = lists.ListFrame(
        **listing.model_dump(include={"cycle_id", "category_id", "supplement", "addendum"}),
        year=cycle.year,
        manifest_digest=listing.manifest_digest or "",
        rehearsal=tx.rehearsal,
    )
    content = lists.public_content(frame, [store.as_entry(row) for row in rows.values()], rulebook, rules)
    extra = extra_columns(rulebook, content)
    shown = []
    for entry in content["entries"]:
        row = rows[entry["number"]]
        state = _state(row.state, row.case_id in held)
        entry["state"] = state.value
        shown.append(list_entry(entry, extra, state, row.state_reason))
    return content, tuple(shown)


def _state(state: str, held: bool) -> EntryState:
    if state != "listed":
        return EntryState.STRUCK
    return EntryState.HELD if held else EntryState.LISTED


def _guide(stage: Stage, tx: Tx) -> ObjectionGuide:
    over = (stage.closes_at is not None and tx.now >= stage.closes_at) or stage.state in ("closed", "cancelled")
    return ObjectionGuide(
        steps=_STEPS,
        href=f"/objections/new?stage={stage.stage_id}",
        contact=CONTACT,
        closed_note="公示期已结束，不再接受新的异议；已受理的异议继续核查。" if over else None,
    )


def _article(stage: Stage) -> str:
    found = store.rules_of(stage).stage(StageKind(stage.kind))
    return found.article if found else ""


def downloads(base: str, json_bytes: bytes, csv_bytes: bytes) -> tuple[Download, ...]:
    """The list as data, as a table and on paper."""
    return (
        Download(
            label="名单数据",
            href=f"{base}/list.json",
            format="JSON",
            octets=len(json_bytes),
            sha256=digest_bytes(json_bytes),
        ),
        Download(label="名单表格", href=f"{base}/list.csv", format="CSV", octets=len(csv_bytes)),
        Download(label="名单文书", href=f"{base}/list.pdf", format="PDF"),
    )


async def stage_and_posting(tx: Tx, stage_id: UUID) -> tuple[Stage, Posting] | None:
    """The stage row and its posting, if both are there."""
    stage = await tx.session.get(Stage, stage_id)
    posting = await store.posting(tx, stage_id)
    return (stage, posting) if stage is not None and posting is not None else None
