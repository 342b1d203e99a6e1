"""Reads and writes of the review service, named by intent; never commits."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.review.domain.conflicts import Kind, Tie, Tied
from services.review.domain.panel import COUNTED, VISIBLE, MemberKind, MemberState, PanelState, Progress, Seat
from services.review.domain.pool import Candidate, ExpertState
from services.review.sealing import Sealer
from services.review.store.keys import custody_keys as custody_keys
from services.review.store.keys import key_shares as key_shares
from services.review.store.keys import opened_share as opened_share
from services.review.store.keys import panel_key as panel_key
from services.review.store.own import hold_own_stages as hold_own_stages
from services.review.store.own import own_cases as own_cases
from services.review.store.rows import rows_of as _all
from services.review.tables import (
    CaseCopy,
    Contest,
    Countersignature,
    Draft,
    DrawAttempt,
    DrawParty,
    DrawStandIn,
    Expert,
    ExpertTie,
    Finding,
    LedgerMark,
    OpenedSheet,
    OrganisationGroup,
    Panel,
    PanelKey,
    PanelMember,
    Pseudonym,
    Recusal,
    Result,
    Sheet,
    Undertaking,
)
from shared.contracts.dossiers import ApplicationDossier, Manifest
from shared.infra.database import Tx
from shared.infra.tables import Amendment, Audit
from shared.kernel.calendar import business_date
from shared.kernel.refusals import NotFound

# -- pool ------------------------------------------------------------------------------------------------------------


async def experts(tx: Tx) -> list[Expert]:
    """The whole pool, by pool and name."""
    return await _all(tx, Expert, order=(Expert.pool, Expert.name, Expert.expert_id))


async def candidates(tx: Tx, sealer: Sealer, stage_id: UUID) -> list[Candidate]:
    """The whole pool as a draw sees it, under the pseudonyms of this panel."""
    load = await running_panels(tx)
    return [
        Candidate(
            expert_id=one.expert_id,
            pseudonym=sealer.pseudonym(stage_id, one.expert_id),
            pool=one.pool,
            available=one.available,
            state=ExpertState(one.state),
            loaded=one.load_cap is not None and load.get(one.expert_id, 0) >= one.load_cap,
        )
        for one in await experts(tx)
    ]


async def running_panels(tx: Tx) -> dict[UUID, int]:
    """On how many panels that are not settled each expert sits."""
    query = (
        select(PanelMember.expert_id, func.count().label("panels"))  # type: ignore[call-overload]
        .join(Panel, col(Panel.stage_id) == col(PanelMember.stage_id))
        .where(col(PanelMember.state).in_(VISIBLE), col(Panel.state) != PanelState.SETTLED)
        .group_by(PanelMember.expert_id)
    )
    return {row.expert_id: row.panels for row in await tx.session.execute(query)}


async def tied(tx: Tx, stage_id: UUID, only: UUID | None = None, *, with_panels: bool) -> list[Tied]:
    """Every expert, or one, with all that may keep him away from a panel; earlier panels are those of other stages."""

    def of(column: object) -> tuple[object, ...]:
        return () if only is None else (column == only,)

    ties: dict[UUID, list[Tie]] = {}
    for row in await _all(tx, ExpertTie, *of(ExpertTie.expert_id), order=(ExpertTie.recorded_at, ExpertTie.tie_id)):
        tie = Tie(kind=Kind(row.kind), organisation=row.credit_code, evidence=row.evidence, until=row.until)
        ties.setdefault(row.expert_id, []).append(tie)
    lifted: dict[UUID, set[tuple[Kind, str]]] = {}
    for ruled in await _all(tx, Contest, *of(Contest.expert_id), col(Contest.lifted).is_(True)):
        lifted.setdefault(ruled.expert_id, set()).add((Kind(ruled.kind), ruled.credit_code))
    judged = await _judged(tx, stage_id, *of(PanelMember.expert_id)) if with_panels else {}
    return [
        Tied(
            expert=one.expert_id,
            employer=one.employer_code,
            ties=tuple(ties.get(one.expert_id, ())),
            judged=judged.get(one.expert_id, {}),
            lifted=frozenset(lifted.get(one.expert_id, ())),
        )
        for one in await _all(tx, Expert, *of(Expert.expert_id))
    ]


async def _judged(tx: Tx, stage_id: UUID, *where: object) -> dict[UUID, dict[str, date]]:
    """The last day on which each expert was called for a panel on each organisation and took part."""
    query = (
        select(PanelMember.expert_id, CaseCopy.credit_code, func.max(PanelMember.called_at).label("last"))  # type: ignore[call-overload]
        .join(CaseCopy, col(CaseCopy.stage_id) == col(PanelMember.stage_id))
        .where(col(PanelMember.state).in_(COUNTED), col(CaseCopy.credit_code).is_not(None), *where)
        .where(col(PanelMember.stage_id) != stage_id, col(PanelMember.called_at).is_not(None))
        .group_by(PanelMember.expert_id, CaseCopy.credit_code)
    )
    found: dict[UUID, dict[str, date]] = {}
    for row in await tx.session.execute(query):
        found.setdefault(row.expert_id, {})[row.credit_code] = business_date(row.last)
    return found


async def groups(tx: Tx) -> dict[str, str]:
    """Group by credit code."""
    return {one.credit_code: one.name for one in await _all(tx, OrganisationGroup)}


async def contests(tx: Tx) -> list[Contest]:
    """Everything that was contested, newest first."""
    return await _all(tx, Contest, order=(col(Contest.contested_at).desc(), Contest.contest_id))


async def ties_of(tx: Tx, expert_id: UUID) -> list[ExpertTie]:
    """The recorded ties of an expert."""
    return await _all(tx, ExpertTie, ExpertTie.expert_id == expert_id, order=(ExpertTie.recorded_at,))


async def seats_of(tx: Tx, expert_id: UUID) -> list[PanelMember]:
    """Every seat that an expert was drawn or appointed for, newest first."""
    order = (col(PanelMember.called_at).desc().nulls_last(), PanelMember.stage_id)
    return await _all(tx, PanelMember, PanelMember.expert_id == expert_id, order=order)


async def recusals_of(tx: Tx, expert_id: UUID) -> list[Recusal]:
    """Every panel from which an expert stepped aside."""
    return await _all(tx, Recusal, Recusal.expert_id == expert_id, order=(Recusal.recorded_at,))


async def seated_panels(tx: Tx, expert_id: UUID) -> list[UUID]:
    """The stages on whose panels an expert sits, in the order in which they are locked."""
    mine = await _all(tx, PanelMember, PanelMember.expert_id == expert_id, order=(PanelMember.stage_id,))
    return [one.stage_id for one in mine if one.state in VISIBLE]


async def expert_acting(tx: Tx) -> Expert:
    """The expert for whom the signed-in account acts."""
    found = await _all(tx, Expert, Expert.expert_id.in_(tx.actor.acts_for))  # type: ignore[attr-defined]
    if not found:
        raise NotFound("您的账号没有登记在专家库中。", "not_an_expert")
    return found[0]


# -- panel -----------------------------------------------------------------------------------------------------------


async def panel(tx: Tx, stage_id: UUID, *, update: bool = False, share: bool = False) -> Panel:
    """The panel of a stage.

    ``update`` for everything that changes who sits on it or where it stands, ``share`` for signing. A lock is taken
    after that of the stage row, never before: two acts that lock in different order would wait for each other.
    """
    query = select(Panel).where(col(Panel.stage_id) == stage_id)
    if update or share:
        query = query.with_for_update(read=share).execution_options(populate_existing=True)
    found: Panel | None = (await tx.session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


async def panels(tx: Tx, state: str | None = None) -> list[Panel]:
    """All panels, or those in one state."""
    where = () if state is None else (Panel.state == state,)
    return await _all(tx, Panel, *where, order=(Panel.stage_id,))


async def cases(tx: Tx, stage_id: UUID) -> list[CaseCopy]:
    """All cases that were handed over, by neutral number."""
    return await _all(tx, CaseCopy, CaseCopy.stage_id == stage_id, order=(CaseCopy.neutral_number,))


async def standing_cases(tx: Tx, stage_id: UUID) -> list[CaseCopy]:
    """The cases still under review."""
    return [case for case in await cases(tx, stage_id) if case.standing == "standing"]


async def case_copies(tx: Tx, case_id: UUID) -> list[CaseCopy]:
    """The copies of a case on all panels."""
    return await _all(tx, CaseCopy, CaseCopy.case_id == case_id)


async def keep_cases(
    tx: Tx, manifest: Manifest, stage_id: UUID, dossiers: Sequence[ApplicationDossier], neutral: dict[UUID, str]
) -> None:
    """Keep the read copy of a manifest's cases, once."""
    by_case = {dossier.case_id: dossier for dossier in dossiers}
    for entry in manifest.entries:
        row = {
            "stage_id": stage_id,
            "case_id": entry.case_id,
            "number": entry.number,
            "neutral_number": neutral[entry.case_id],
            "credit_code": entry.subject.credit_code,
            "dossier_digest": entry.dossier_digest,
            "dossier": by_case[entry.case_id].model_dump(mode="json"),
            "standing": "standing",
        }
        await tx.session.execute(insert(CaseCopy).values(**row).on_conflict_do_nothing())


async def amendments_of(tx: Tx, case_ids: Sequence[UUID]) -> list[Amendment]:
    """What was heard of these cases after their manifest froze, oldest first."""
    return await _all(tx, Amendment, Amendment.case_id.in_(case_ids), order=(Amendment.occurred_at, Amendment.fact_id))  # type: ignore[attr-defined]


# -- draw ------------------------------------------------------------------------------------------------------------


async def attempts(tx: Tx, stage_id: UUID) -> list[DrawAttempt]:
    """All draw attempts of a panel, oldest first."""
    return await _all(tx, DrawAttempt, DrawAttempt.stage_id == stage_id, order=(DrawAttempt.attempt,))


async def current_attempt(tx: Tx, stage: Panel) -> DrawAttempt:
    """The attempt the panel stands at."""
    found = await tx.session.get(DrawAttempt, (stage.stage_id, stage.attempt))
    if found is None:
        raise NotFound("尚未固定抽取名单。")
    return found


async def parties(tx: Tx, attempt: DrawAttempt) -> list[DrawParty]:
    """The parties of an attempt in the list's order."""
    where = (DrawParty.stage_id == attempt.stage_id, DrawParty.attempt == attempt.attempt)
    return await _all(tx, DrawParty, *where, order=(DrawParty.place,))


async def stand_ins(tx: Tx, stage_id: UUID) -> dict[str, str]:
    """Who stands in for whom in the draws of a panel."""
    return {one.party: one.by for one in await _all(tx, DrawStandIn, DrawStandIn.stage_id == stage_id)}


async def keep_pseudonyms(tx: Tx, stage_id: UUID, people: Sequence[Candidate]) -> None:
    """Remember who the pseudonyms of a frozen list are."""
    for one in people:
        row = {"stage_id": stage_id, "pseudonym": one.pseudonym, "expert_id": one.expert_id}
        await tx.session.execute(insert(Pseudonym).values(**row).on_conflict_do_nothing())


async def experts_behind(tx: Tx, stage_id: UUID) -> dict[str, UUID]:
    """Pseudonym → expert of a panel."""
    return {one.pseudonym: one.expert_id for one in await _all(tx, Pseudonym, Pseudonym.stage_id == stage_id)}


async def raise_ledger_mark(tx: Tx, number: int) -> None:
    """Remember up to which audit number the ledger stands; never goes back."""
    statement = insert(LedgerMark).values(id=1, number=number)
    newest = func.greatest(LedgerMark.number, statement.excluded.number)
    await tx.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"number": newest}))


async def all_in_ledger(tx: Tx, stage_id: UUID, values: Sequence[str]) -> bool:
    """Whether audit rows of this stage with all these public values stand in the ledger."""
    mark = await tx.session.get(LedgerMark, 1)
    if mark is None:
        return False
    rows = await _all(tx, Audit, col(Audit.stage_id) == stage_id, col(Audit.public).in_(values))
    return set(values) <= {row.public for row in rows if row.number is not None and row.number <= mark.number}


# -- members ---------------------------------------------------------------------------------------------------------


async def members(tx: Tx, stage_id: UUID) -> list[PanelMember]:
    """All members and alternates: by attempt, drawn ones in order of draw, alternates by pool and place, appointed."""
    kind = case(
        (col(PanelMember.kind) == MemberKind.DRAWN, 0), (col(PanelMember.kind) == MemberKind.ALTERNATE, 1), else_=2
    )
    pool = case((col(PanelMember.kind) == MemberKind.DRAWN, ""), else_=col(PanelMember.pool))
    order = (PanelMember.attempt, kind, pool, PanelMember.place, PanelMember.label)
    return await _all(tx, PanelMember, PanelMember.stage_id == stage_id, order=order)


async def memberships(tx: Tx, expert_id: UUID) -> list[PanelMember]:
    """The panels an expert was called to."""
    standby = MemberState.STANDBY.value
    return await _all(tx, PanelMember, PanelMember.expert_id == expert_id, PanelMember.state != standby)


async def own_seat(tx: Tx, stage_id: UUID, *, update: bool = False) -> PanelMember:
    """The signed-in expert's seat on a panel; asked before anything else of the panel is looked at.

    Who was never called, refused, let the term pass or was recused is told the same as of a panel that does not exist.
    """
    expert = await expert_acting(tx)
    member = await tx.session.get(PanelMember, (stage_id, expert.expert_id), populate_existing=update)
    if member is None or member.state not in VISIBLE:
        raise NotFound
    return member


def seat(member: PanelMember) -> Seat:
    """A member as the seat rules see it."""
    return Seat(
        expert=member.expert_id,
        kind=MemberKind(member.kind),
        pool=member.pool,
        attempt=member.attempt,
        place=member.place,
        state=MemberState(member.state),
    )


async def progress(tx: Tx, stage_id: UUID) -> Progress:
    """Who signed what, and which pairs are recused."""
    signed = await tx.session.execute(
        select(Sheet.case_id, Sheet.expert_id).where(*_signed_under_the_current_key(stage_id))  # type: ignore[call-overload]
    )
    recusals = await _all(tx, Recusal, Recusal.stage_id == stage_id)
    return Progress(
        signed=frozenset((row.case_id, row.expert_id) for row in signed),
        recused=frozenset((one.case_id, one.expert_id) for one in recusals if one.case_id is not None),
    )


async def undertaking(tx: Tx, stage_id: UUID, expert_id: UUID) -> Undertaking | None:
    """The expert's answer to the call, if there is one."""
    return await tx.session.get(Undertaking, (stage_id, expert_id))


# -- sheets ----------------------------------------------------------------------------------------------------------


def _signed_under_the_current_key(stage_id: UUID) -> tuple[object, ...]:
    """First versions of what was signed; sheets whose key is lost are no longer among them."""
    newest = select(func.max(PanelKey.generation)).where(col(PanelKey.stage_id) == stage_id).scalar_subquery()
    return (Sheet.stage_id == stage_id, Sheet.generation == newest, Sheet.version == 1)


async def sheets(tx: Tx, stage_id: UUID) -> list[Sheet]:
    """The signed sheets of a panel, sealed: of each its newest version that counts."""
    current = _signed_under_the_current_key(stage_id)[:2]
    accepted = {one.digest for one in await countersignatures(tx, stage_id) if one.accepted}
    newest: dict[tuple[UUID, UUID], Sheet] = {}
    for sheet in await _all(tx, Sheet, *current, order=(Sheet.case_id, Sheet.expert_id, Sheet.version)):
        if sheet.version == 1 or sheet.digest in accepted:
            newest[sheet.case_id, sheet.expert_id] = sheet
    return list(newest.values())


async def countersignatures(tx: Tx, stage_id: UUID) -> list[Countersignature]:
    """The office's answers to corrections."""
    return await _all(tx, Countersignature, Countersignature.stage_id == stage_id)


async def anything_unsigned(tx: Tx, stage_id: UUID, expert_id: UUID) -> bool:
    """Whether a standing case still waits for this expert's sheet."""
    signed = select(Sheet.case_id).where(*_signed_under_the_current_key(stage_id), Sheet.expert_id == expert_id)  # type: ignore[call-overload]
    recused = select(Recusal.case_id).where(  # type: ignore[call-overload]
        col(Recusal.stage_id) == stage_id, col(Recusal.expert_id) == expert_id, col(Recusal.case_id).is_not(None)
    )
    waiting = select(CaseCopy.case_id).where(  # type: ignore[call-overload]
        CaseCopy.stage_id == stage_id,
        CaseCopy.standing == "standing",
        col(CaseCopy.case_id).not_in(signed),
        col(CaseCopy.case_id).not_in(recused),
    )
    return (await tx.session.execute(waiting.limit(1))).first() is not None


async def versions_of(tx: Tx, stage_id: UUID, case_id: UUID, expert_id: UUID) -> list[Sheet]:
    """All versions of a sheet under the current key, oldest first."""
    mine = (Sheet.case_id == case_id, Sheet.expert_id == expert_id)
    current = _signed_under_the_current_key(stage_id)[:2]
    return await _all(tx, Sheet, *current, *mine, order=(Sheet.version,))


async def corrections(tx: Tx, stage_id: UUID) -> list[Sheet]:
    """All corrections under the current key."""
    current = _signed_under_the_current_key(stage_id)[:2]
    return await _all(tx, Sheet, *current, Sheet.version > 1, order=(Sheet.signed_at, Sheet.digest))


async def keep_opened(tx: Tx, opened: Sequence[OpenedSheet]) -> None:
    """Keep what the counted sheets say, all at once."""
    if opened:
        await tx.session.execute(insert(OpenedSheet), [one.model_dump() for one in opened])


async def opened_sheets(tx: Tx, stage_id: UUID) -> list[OpenedSheet]:
    """What the counted sheets say, once unsealed."""
    order = (OpenedSheet.case_id, OpenedSheet.expert_id)
    return await _all(tx, OpenedSheet, OpenedSheet.stage_id == stage_id, order=order)


async def own_sheet(tx: Tx, stage_id: UUID, case_id: UUID, expert_id: UUID) -> Sheet | None:
    """What an expert signed for a case, in its first version."""
    mine = (Sheet.case_id == case_id, Sheet.expert_id == expert_id)
    found = await _all(tx, Sheet, *_signed_under_the_current_key(stage_id), *mine)
    return found[0] if found else None


async def keep_sheet(tx: Tx, row: Sheet) -> bool:
    """Keep a signed sheet; False when this expert has signed for this case before."""
    values = row.model_dump()
    written = await tx.session.execute(
        insert(Sheet).values(**values).on_conflict_do_nothing().returning(Sheet.digest)  # type: ignore[call-overload]
    )
    return written.one_or_none() is not None


async def keep_draft(tx: Tx, row: Draft) -> None:
    """Keep or replace an unsigned sheet."""
    statement = insert(Draft).values(**row.model_dump())
    await tx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["stage_id", "case_id", "expert_id"],
            set_={"sealed": statement.excluded.sealed, "saved_at": statement.excluded.saved_at},
        )
    )


async def drop_draft(tx: Tx, stage_id: UUID, case_id: UUID, expert_id: UUID) -> None:
    """Remove an unsigned sheet once it is signed."""
    await tx.session.execute(
        delete(Draft).where(Draft.stage_id == stage_id, Draft.case_id == case_id, Draft.expert_id == expert_id)  # type: ignore[arg-type]
    )


async def findings(tx: Tx, stage_id: UUID) -> list[Finding]:
    """What was raised about the cases of a panel, oldest first."""
    return await _all(tx, Finding, Finding.stage_id == stage_id, order=(Finding.raised_at, Finding.finding_id))


async def keep_finding(tx: Tx, row: Finding) -> bool:
    """Keep what was raised; False when the same was raised about the case before."""
    written = await tx.session.execute(
        insert(Finding).values(**row.model_dump()).on_conflict_do_nothing().returning(Finding.finding_id)  # type: ignore[call-overload]
    )
    return written.one_or_none() is not None


async def results(tx: Tx, stage_id: UUID) -> list[Result]:
    """What the cases came to."""
    return await _all(tx, Result, Result.stage_id == stage_id)


async def own_sheets(tx: Tx, stage_id: UUID, expert_id: UUID) -> list[Sheet]:
    """What an expert signed on a panel."""
    return await _all(tx, Sheet, *_signed_under_the_current_key(stage_id), Sheet.expert_id == expert_id)


async def drafted_cases(tx: Tx, stage_id: UUID, expert_id: UUID) -> set[UUID]:
    """The cases for which an expert has an unfinished sheet."""
    found = await _all(tx, Draft, Draft.stage_id == stage_id, Draft.expert_id == expert_id)
    return {draft.case_id for draft in found}
