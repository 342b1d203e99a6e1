"""A category after its review, and everybody who works on it, for the tests of decision and consultation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.ranking.domain.scoring import scorecard_of
from shared.contracts.dossiers import ApplicationDossier, ManifestEntry, ReviewDossier, SheetRecord
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import StageRef
from shared.infra.rulebooks import load_shipped
from shared.kernel.canonical import plain_decimal
from shared.rulebook import expert_items
from tests.integration.ranking.rooms import Rooms, stage_ref
from tests.integration.servers import TLS, People, key

CATEGORY = "new_quality_pioneer"
FIGURES = {
    "registered_in_qingdao": True,
    "core_technology_claimed": True,
    "industry_class": "future",
    "titles_valid": [],
    "rd_expense_this_year": "30",
    "rd_expense_last_year": "20",
    "rd_expense_two_years_ago": "10",
    "revenue_this_year": "1000",
    "revenue_last_year": "900",
    "revenue_two_years_ago": "800",
    "main_product_invention_patents_3_years": "3",
}

CARD = scorecard_of(load_shipped()["qingdao-economic-achievements"].category(CATEGORY))
JUDGED = {item.id: plain_decimal(item.points) for item in expert_items(CARD, None)}


CHAIRS = (uuid4(), uuid4())
MEMBER = uuid4()
SEATS = dict(zip((*CHAIRS, MEMBER), ("甲", "乙", "丙"), strict=True))


@dataclass
class Committee:
    """One category after its review, and everybody who works on it."""

    rooms: Rooms
    people: People
    origin: str
    category_id: UUID = field(default_factory=uuid4)
    cycle_id: UUID = field(default_factory=uuid4)
    cases: dict[str, UUID] = field(default_factory=dict)
    chairs: tuple[UUID, UUID] = CHAIRS

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.origin, timeout=20, verify=TLS)
        for account, seat in SEATS.items():
            self._take_place(account, seat)

    def _take_place(self, account: UUID, seat: str) -> None:
        """Once for all tests of the package: the service is the same."""
        with self.client("guidance" if account == MEMBER else "co_chair", account=account) as member:
            answer = member.post("/api/ranking/members", json={"seat": seat}, headers=key())
        assert answer.status_code == 200 or answer.json()["code"] == "already_placed", answer.text

    def _signed_in(self, role: str, chair: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.people.token(role, account=self.chairs[chair])}"}

    def client(self, *roles: str, account: UUID | None = None, acts_for: tuple[UUID, ...] = ()) -> httpx.Client:
        return self.people.client(self.origin, *roles, account=account, acts_for=acts_for)

    def post(self, path: str, body: Any = None, *, chair: int = 0, role: str = "co_chair") -> httpx.Response:
        return self.http.post(f"/api/ranking/{path}", json=body, headers=self._signed_in(role, chair) | key())

    def get(self, path: str, role: str = "co_chair") -> Any:
        answer = self.http.get(f"/api/ranking/{path}", headers=self._signed_in(role, 0))
        return answer.json() if answer.status_code == 200 else {}

    def stage(self, stage_id: UUID) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"stages/{stage_id}")
        return found

    def next_stage(self, kind: str, supplement: int = 0) -> StageRef:
        """The stage that follows the last closed one, as office would start it."""
        fact = "ranking.seat.filled.v1" if supplement else "ranking.stage.closed.v1"
        closed = self.rooms.facts(fact, self.category_id)[-1]
        place = stage_ref(kind, CATEGORY, self.category_id, self.cycle_id, supplement)
        handed = {"manifest_id": UUID(closed["manifest_id"]), "manifest_digest": closed["manifest_digest"]}
        return place.model_copy(update={**handed, "manifest_source": "ranking"})


def reviewed(
    rooms: Rooms,
    number: int,
    mean: tuple[int, int],
    *,
    vetoed: bool = False,
    halves: Sequence[int] = (2, 2),
    industry: str | None = None,
) -> ManifestEntry:
    """A case after its review. ``halves``: the total of each expert's sheet in half points, a minute apart."""
    subject = CaseSubject(name=f"演练企业{number:03d}", credit_code=f"X{number}", industry=industry)
    sheets = tuple(
        SheetRecord(
            expert=f"专家{place}",
            sheet_digest="0" * 64,
            judgements=JUDGED,
            items=JUDGED,
            total=plain_decimal(Decimal(half) / 2),
            signed_at=datetime(2026, 3, 2, 1, tzinfo=UTC) + timedelta(seconds=90 * number + place),
        )
        for place, half in enumerate(halves, 1)
    )
    filing = ApplicationDossier(
        case_id=uuid4(),
        number=f"NQ-{number:03d}",
        category_key=CATEGORY,
        variant=None,
        subject=subject,
        figures=FIGURES,
        evidence=(),
        investigations=(),
        statement_version=None,
        accepted_at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    dossier = ReviewDossier(
        case_id=filing.case_id,
        number=filing.number,
        application_digest=rooms.put("submission", filing),
        subject=subject,
        variant=None,
        mean_numerator=mean[0],
        mean_denominator=mean[1],
        sheets=sheets,
        vetoed=vetoed,
    )
    digest = rooms.put("review", dossier)
    return ManifestEntry(case_id=filing.case_id, number=filing.number, dossier_digest=digest, subject=subject)


MEETING = {
    "held_on": "2026-03-20",
    "place": "演练会议室",
    "attendance": [
        {"role": "共同主任", "seat": "甲"},
        {"role": "共同主任", "seat": "乙"},
        {"role": "委员", "seat": "丙"},
    ],
    "recusals": [],
}
