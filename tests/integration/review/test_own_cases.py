"""The own case of an expert: few statements, and the same ones for what he left, has a conflict with, or never was."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from services.review.actions.own import own_case
from services.review.actions.scoring import save_draft, sign_sheet
from services.review.attesting import ServiceAttestor
from services.review.rulebooks import panel_rules
from services.review.sealing import Sealer
from services.review.tables import ExpertTie, Meeting
from shared.infra.clocks import SystemClock
from shared.infra.database import Actor, Database, Tx
from shared.kernel.refusals import Refusal
from tests.integration.review.scene import Scene
from tests.integration.servers import ServiceProcess

JUDGED = {"core_technology": Decimal("20"), "integrity": Decimal("9.5")}
KEY = b"k" * 32
Do = Callable[[Tx], Awaitable[object]]


@dataclass(frozen=True)
class Told:
    """What an act asked of the database, and how it was refused."""

    asked: list[str]
    refusal: str = ""


@dataclass(frozen=True)
class Watched:
    """The service's database, watched."""

    database: Database

    async def told(self, expert: str, do: Do, *, before: Do | None = None) -> Told:
        """Let an expert do something after ``before``; nothing of it stays."""
        asked: list[str] = []

        def note(*given: Any) -> None:
            asked.append(given[2])

        actor = Actor(uuid4(), frozenset({"expert"}), frozenset({UUID(expert)}), auth_time=SystemClock().now())
        async with self.database.transaction(actor) as tx:
            if before is not None:
                await before(tx)
            event.listen(self.database.engine.sync_engine, "before_cursor_execute", note)
            try:
                await do(tx)
            except Refusal as refusal:
                return Told(asked, f"{refusal.status} {refusal.code} {refusal.message}")
            finally:
                event.remove(self.database.engine.sync_engine, "before_cursor_execute", note)
                await tx.session.rollback()
        return Told(asked)


@pytest.fixture
async def watched(process: ServiceProcess) -> AsyncIterator[Watched]:
    """The database of the running service."""
    database = Database(process.settings().database_url, "review")
    yield Watched(database)
    await database.close()


Scoring = tuple[Scene, UUID, str]


@pytest.fixture(scope="module")
def scoring(scene: Scene) -> Scoring:
    """A panel in scoring, and one of its experts."""
    scene.record_pool(6)
    ref = scene.hand_over(2)
    scene.neighbours.start_stage("PanelReview", ref)
    return scene, ref.stage_id, scene.scoring(ref.stage_id)[0]["expert_id"]


async def test_recused_tied_and_unknown_cases_are_asked_for_by_the_same_statements(
    scoring: Scoring, watched: Watched
) -> None:
    scene, stage, expert = scoring
    own = UUID(scene.tasks(stage, expert)[0]["case_id"])
    left = next(one["expert_id"] for one in scene.members(stage, "undertaken") if one["expert_id"] != expert)
    scene.post(scene.office, f"/stages/{stage}/recuse", {"expert_id": left, "reason": "近亲属任职"})

    async def tie(tx: Tx) -> None:
        for code in scene.credit_codes(stage):
            row = ExpertTie(
                tie_id=uuid4(), expert_id=UUID(expert), kind="past_consulting", credit_code=code, evidence="咨询合同"
            )
            row.recorded_at = tx.now
            tx.session.add(row)
        await tx.session.flush()

    seen = await watched.told(expert, lambda tx: own_case(tx, own))
    unknown = await watched.told(expert, lambda tx: own_case(tx, uuid4()))
    recused = await watched.told(left, lambda tx: own_case(tx, own))
    tied = await watched.told(expert, lambda tx: own_case(tx, own), before=tie)

    assert (seen.refusal, len(seen.asked)) == ("", 1)
    assert unknown.refusal.startswith("404")
    assert unknown.asked[0] == seen.asked[0]
    assert recused == tied == unknown


async def test_saving_a_draft_and_signing_ask_the_database_little(scoring: Scoring, watched: Watched) -> None:
    scene, stage, expert = scoring
    case = UUID(scene.tasks(stage, expert)[0]["case_id"])

    draft = await watched.told(expert, lambda tx: save_draft(tx, Sealer(KEY), case, JUDGED, {}))
    signed = await watched.told(expert, lambda tx: sign_sheet(tx, ServiceAttestor(KEY), case, JUDGED, {}))

    assert (draft.refusal, signed.refusal) == ("", "")
    assert len(draft.asked) <= 3, draft.asked
    assert len(signed.asked) <= 9


async def test_where_the_rulebook_wants_presence_only_who_came_signs(
    scoring: Scoring, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, stage, expert = scoring
    case = UUID(scene.tasks(stage, expert)[0]["case_id"])
    monkeypatch.setattr(
        "services.review.actions.meeting.panel_rules",
        lambda stage: panel_rules(stage).model_copy(update={"remote_scoring": False}),
    )

    async def came(tx: Tx) -> None:
        held = Meeting(
            stage_id=stage, held_on="2026-01-05", place="演练", present=[expert], remote=[], recorded_by=None
        )
        held.recorded_at = tx.now
        await tx.session.merge(held)
        await tx.session.flush()

    async def sign(tx: Tx) -> object:
        return await sign_sheet(tx, ServiceAttestor(KEY), case, JUDGED, {})

    assert (await watched.told(expert, sign)).refusal.startswith("409 not_at_meeting")
    assert (await watched.told(expert, sign, before=came)).refusal == ""
