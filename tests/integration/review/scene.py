"""Everything a test of a panel needs: experts, cases in S3, people, and the acts as HTTP requests."""

import json
import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.review.verify_draw import commitment_to
from shared.contracts.dossiers import ApplicationDossier, EvidenceItem, Manifest, ManifestEntry, ReviewDossier
from shared.contracts.facts import CaseAmended, ClockMoved, StageChangeRequested
from shared.contracts.subjects import CaseSubject
from shared.contracts.workflows import StageRef
from shared.infra.files import EVIDENCE, Files
from shared.infra.rulebooks import load_shipped
from shared.kernel.canonical import canonical, digest
from shared.kernel.credit_code import make_credit_code
from shared.kernel.ids import derived_id
from tests.evidence_files import picture
from tests.integration.review.neighbours import Neighbours
from tests.integration.servers import TLS, People, ServiceProcess, eventually, key

BOOK = "qingdao-economic-achievements"
PASSPHRASES = {number: f"演练 salt-{number} marsh lantern quay" for number in (1, 2, 3)}
POOLS = ("economic", "media", "enterprise")
FIGURES: dict[str, Any] = {
    "industry_class": "strategic_emerging",
    "titles_valid": ["little_giant"],
    "main_product_invention_patents_3_years": "3",
    "revenue_this_year": "20000",
    "revenue_last_year": "18000",
    "revenue_two_years_ago": "15000",
    "rd_expense_this_year": "1200",
    "rd_expense_last_year": "1000",
    "rd_expense_two_years_ago": "800",
}
PICTURE = picture("PNG")
OTHER_FIGURES: dict[str, dict[str, Any]] = {
    "economic_event": {"event_summary": "演练"},
    "green_workshop": {"workshops": "2", "energy_saved": "200", "energy_used": "1000", "accidents": "1"},
}


class _SignedIn(httpx.Auth):
    """A fresh token with every request: a test may take longer than a token lives."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign in."""
        request.headers["Authorization"] = f"Bearer {self._token()}"
        yield request


@dataclass
class Scene:
    """The stage under test, and who acts in it."""

    process: ServiceProcess
    people: People
    neighbours: Neighbours
    files: Files
    office_id: UUID = field(default_factory=uuid4)
    other_id: UUID = field(default_factory=uuid4)
    chair_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self._clients: dict[UUID, httpx.Client] = {}
        self._late: list[ApplicationDossier] = []
        self.office = self._client("office", self.office_id)
        self.supervisor = self._client("supervisor", self.other_id)
        self.chair = self._client("review_chair", self.chair_id)
        self.second = self._client("office", uuid4())
        self.co_chair = self._client("co_chair", uuid4())
        self._custodians = False

    def _client(self, role: str, account: UUID, *acts_for: UUID) -> httpx.Client:
        if account not in self._clients:
            self._clients[account] = httpx.Client(
                base_url=self.process.origin,
                auth=_SignedIn(lambda: self.people.token(role, account=account, acts_for=acts_for)),
                # A connection kept alive may be closed by the server just when it is used again.
                limits=httpx.Limits(max_keepalive_connections=0),
                timeout=20,
                verify=TLS,
            )
        return self._clients[account]

    def expert(self, expert_id: UUID | str) -> httpx.Client:
        """The expert, signed in."""
        found = UUID(str(expert_id))
        return self._client("expert", derived_id("account", found), found)

    def applicant(self, credit_code: str) -> httpx.Client:
        """Somebody of an enterprise under review."""
        enterprise = derived_id("enterprise", credit_code)
        return self._client("enterprise", derived_id("account", enterprise), enterprise)

    def browser(self, expert_id: str) -> httpx.Client:
        """The expert in one session, as a browser has it: forms carry a value bound to the session."""
        found = UUID(expert_id)
        return self.browsing("expert", derived_id("account", found), found)

    def browsing(self, role: str, account: UUID | None = None, *acts_for: UUID) -> httpx.Client:
        """Somebody of this role in one session."""
        token = self.people.token(role, account=account, acts_for=acts_for)
        self._clients[uuid4()] = client = httpx.Client(
            base_url=self.process.origin,
            headers={"Authorization": f"Bearer {token}", "Accept": "text/html"},
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=20,
            verify=TLS,
        )
        return client

    def stale(self, role: str) -> httpx.Client:
        """Somebody whose last proof is too old for an irreversible act."""
        token = self.people.token(role, fresh=False)
        self._clients[uuid4()] = client = httpx.Client(
            base_url=self.process.origin, headers={"Authorization": f"Bearer {token}"}, timeout=20, verify=TLS
        )
        return client

    def credit_codes(self, stage: UUID) -> list[str]:
        """The codes of the enterprises under review, by case number."""
        return [make_credit_code(f"9137020000{number:07d}") for number in range(1, len(self.panel(stage)["cases"]) + 1)]

    def close(self) -> None:
        """Hang up."""
        for client in self._clients.values():
            client.close()

    def record_pool(self, each: int, employers: dict[str, str] | None = None) -> list[UUID]:
        """Invented experts 演练专家…, so many a pool."""
        found = []
        for pool in POOLS:
            for number in range(each):
                login = f"{pool}-{number:02d}"
                body = {"login": login, "name": f"演练专家{pool}{number}", "pool": pool, "employer": "演练单位"}
                code = (employers or {}).get(login)
                answer = self.post(self.office, "/experts", body | ({"employer_code": code} if code else {}))
                found.append(UUID(answer["expert_id"]))
        self.post(self.second, "/experts/approve", {"expert_ids": [str(one) for one in found]})
        return found

    def hand_over(
        self,
        count: int,
        *,
        book: str = BOOK,
        category: str = "new_quality_pioneer",
        kind: str = "panel_review",
        late: bool = False,
    ) -> StageRef:
        """Put ``count`` cases as submission's manifest into S3; the reference starts the stage.

        ``late``: the last case's dossier stays behind until ``send_late``.
        """
        cycle, category_id, stage = uuid4(), uuid4(), uuid4()
        entries = [self._case(category, number, late=late and number == count) for number in range(1, count + 1)]
        manifest = Manifest(
            manifest_id=uuid4(),
            source="submission",
            stage_id=uuid4(),
            cycle_id=cycle,
            category_id=category_id,
            entries=tuple(entries),
        )
        self._put(manifest)
        return StageRef(
            stage_id=stage,
            kind=kind,
            cycle_id=cycle,
            category_id=category_id,
            category_key=category,
            rulebook_id=book,
            rulebook_digest=load_shipped()[book].digest,
            manifest_id=manifest.manifest_id,
            manifest_digest=digest(manifest),
            manifest_source="submission",
        )

    def send_late(self) -> None:
        """Put the dossier that stayed behind into S3."""
        for dossier in self._late:
            self._put(dossier)

    def _case(self, category: str, number: int, *, late: bool = False) -> ManifestEntry:
        event = category == "economic_event"
        subject = CaseSubject(
            name=f"演练{'事件' if event else '企业'}{number:03d}",
            credit_code=None if event else make_credit_code(f"9137020000{number:07d}"),
            industry="高端装备",
        )
        own_figures = {"rd_expense_this_year": str(1000 + 100 * number)}
        figures = OTHER_FIGURES.get(category, FIGURES | own_figures)
        case_id = uuid4()
        dossier = ApplicationDossier(
            case_id=case_id,
            number=f"演练-{number:03d}",
            category_key=category,
            variant=None,
            subject=subject,
            figures=figures,
            evidence=() if late else (self._evidence(case_id),),
            investigations=(),
            statement_version="2026-1",
            accepted_at=datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
        )
        if late:
            self._late.append(dossier)
        else:
            self._put(dossier)
        return ManifestEntry(
            case_id=dossier.case_id, number=dossier.number, dossier_digest=digest(dossier), subject=subject
        )

    def _evidence(self, case_id: UUID) -> EvidenceItem:
        """A picture in the locked bucket, as submission keeps it."""
        evidence_id = uuid4()
        kept = self.neighbours.run(self.files.put(EVIDENCE, f"{case_id}/{evidence_id}", PICTURE, "image/png"))
        return EvidenceItem(
            evidence_id=evidence_id,
            name="演练.png",
            kind="演练材料",
            sha256=sha256(PICTURE).hexdigest(),
            size=len(PICTURE),
            version_id=kept or "",
        )

    def _put(self, content: Manifest | ApplicationDossier) -> None:
        self.neighbours.run(self.files.put_dossier(digest(content), canonical(content)))

    def dossier(self, source: str, found: str) -> bytes:
        """A dossier of a service, from S3, where it arrives a moment after the act."""
        eventually(lambda: self.neighbours.run(self.files.has_dossier(source, found)), f"{source}/{found} is not in S3")
        return self.neighbours.run(self.files.get_dossier(source, found))

    def amend(self, ref: StageRef, case: ManifestEntry, kind: str) -> None:
        """Submission says that something happened to a case after its manifest froze."""
        fact = CaseAmended(
            cycle_id=ref.cycle_id, category_id=ref.category_id, case_id=case.case_id, number=case.number, kind=kind
        )
        self.neighbours.state(fact, "submission")

    def change(self, ref: StageRef, change: str) -> None:
        """Office asks for a change of the stage."""
        fact = StageChangeRequested(
            cycle_id=ref.cycle_id,
            category_id=ref.category_id,
            stage_id=ref.stage_id,
            owner="review",
            request_id=uuid4(),
            change=change,
        )
        self.neighbours.state(fact, "office")

    def manifest_of(self, ref: StageRef) -> Manifest:
        """The manifest that the stage works on."""
        return Manifest.model_validate_json(self.dossier("submission", ref.manifest_digest or ""))

    def handed_on(self, stage: UUID) -> tuple[Manifest, list[ReviewDossier]]:
        """The manifest that the closed stage handed on, with its dossiers."""
        eventually(lambda: self.neighbours.closed(stage), f"the stage is not closed: {self.panel(stage)}")
        closed = self.neighbours.closed(stage)
        assert closed is not None
        manifest = Manifest.model_validate_json(self.dossier("review", closed.manifest_digest or ""))
        dossiers = [self.dossier("review", entry.dossier_digest) for entry in manifest.entries]
        return manifest, [ReviewDossier.model_validate_json(found) for found in dossiers]

    def pass_term(self, stage: UUID) -> None:
        """Move the rehearsed time past the stage's term, and see that review has taken it in."""
        closes_at = datetime.fromisoformat(self.panel(stage)["closes_at"])
        offset = int((closes_at - datetime.now(UTC)).total_seconds()) + 2
        self.neighbours.state(ClockMoved(offset_seconds=offset), "office")
        eventually(lambda: self.get(self.office, "/pulse")["offset_seconds"] >= offset, "the clock stands still")

    @property
    def custodians(self) -> dict[int, tuple[httpx.Client, UUID]]:
        """Who holds which share when nobody else was named: client and account by number."""
        return {
            1: (self.office, self.office_id),
            2: (self.supervisor, self.other_id),
            3: (self.chair, self.chair_id),
        }

    def record_custodians(self) -> None:
        """Each custodian sets a passphrase, once; without them nobody signs."""
        if not self._custodians:
            for number, (client, _) in self.custodians.items():
                body = {"name": f"演练保管人{number}", "passphrase": PASSPHRASES[number]}
                self.post(client, "/custody", body)
            self._custodians = True

    def scoring(self, stage: UUID) -> list[Any]:
        """From a stage that waits for its list to the open scoring term; returns the scoring members."""
        self.until(stage, "pooling", "office")
        self.freeze(stage)
        self.draw(stage)
        self.all_undertake(stage)
        self.until(stage, "scoring", "expert")
        return self.members(stage, "undertaken")

    # -- acts --------------------------------------------------------------------------------------------------------

    def post(self, who: httpx.Client, path: str, body: object = None, **headers: str) -> Any:
        """Post; anything but an answer is a failure of the test."""
        answer = self.try_post(who, path, body, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def try_post(self, who: httpx.Client, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Post, refusals allowed."""
        return who.post(f"/api/review{path}", json=body, headers=key() | headers)

    def get(self, who: httpx.Client, path: str) -> Any:
        """Read."""
        answer = who.get(f"/api/review{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def panel(self, stage: UUID) -> Any:
        """The panel as the office sees it; None before it was opened."""
        answer = self.office.get(f"/api/review/stages/{stage}")
        return answer.json() if answer.status_code == 200 else None

    def until(self, stage: UUID, state: str, waits_for: str | None = None) -> Any:
        """Wait until the panel stands there."""
        panel = None

        def stands() -> bool:
            nonlocal panel
            panel = self.panel(stage)
            return panel is not None and panel["state"] == state and waits_for in (None, panel["waits_for"])

        eventually(stands, f"the panel is not {state}, waiting for {waits_for}")
        return panel

    def freeze(self, stage: UUID, conflicts: dict[str, str] | None = None, **wanted: object) -> Any:
        """Freeze the list; returns the answer."""
        return self.post(self.office, f"/stages/{stage}/freeze", {"conflicts": conflicts or {}, **wanted})

    def phase(self, stage: UUID, wanted: str) -> Any:
        """Wait until the newest attempt stands there; returns how the office sees it."""
        eventually(lambda: self.get(self.office, f"/stages/{stage}/draw")["phase"] == wanted, f"not {wanted}")
        return self.get(self.office, f"/stages/{stage}/draw")

    def commit(self, stage: UUID, who: httpx.Client, party: str) -> str:
        """A party commits to a fresh secret; returns the secret."""
        secret = secrets.token_hex(32)
        listed = self.get(who, f"/stages/{stage}/draw")["list_digest"]
        self.post(who, f"/stages/{stage}/commit", {"party": party, "commitment": commitment_to(listed, party, secret)})
        return secret

    def draw(self, stage: UUID, **others: httpx.Client) -> Any:
        """Office, supervisor and others commit, then reveal; returns the transcript once the panel is drawn."""
        parties = {"office": self.office, "supervisor": self.supervisor, **others}
        self.phase(stage, "committing")
        kept = {party: self.commit(stage, who, party) for party, who in parties.items()}
        self.phase(stage, "revealing")
        for party, who in parties.items():
            self.post(who, f"/stages/{stage}/reveal", {"party": party, "secret": kept[party]})
        return self.transcript(stage)

    def transcript(self, stage: UUID) -> Any:
        """The transcript of the newest attempt, once it is drawn, with its own digest."""
        drawn = self.phase(stage, "drawn")["transcript_digest"]
        return {"transcript_digest": drawn, **json.loads(self.dossier("review", drawn))}

    def unseal(self, stage: UUID, first: int = 1, second: int = 3) -> Any:
        """Two custodians, office and chair unless others are said, agree and give their shares."""
        waiting = self.give_share(stage, first)
        assert waiting["unsealed"] is False
        return self.give_share(stage, second, self.unseal_ticket(stage, first, second))

    def unseal_ticket(self, stage: UUID, first: int = 1, second: int = 3) -> str:
        """What two custodians agree to before an unsealing."""
        question = self.get(self.office, f"/stages/{stage}/unseal")
        accounts = self.custodians[first][1], self.custodians[second][1]
        return self.people.ticket(question["act"], question["digest"], *accounts)

    def give_share(self, stage: UUID, number: int, ticket: str | None = None) -> Any:
        """A custodian opens the own share."""
        headers = {"X-Ticket": ticket} if ticket else {}
        body = {"passphrase": PASSPHRASES[number]}
        return self.post(self.custodians[number][0], f"/stages/{stage}/unseal", body, **headers)

    def members(self, stage: UUID, *states: str) -> list[Any]:
        """Scoring members in these states."""
        return [
            one
            for one in self.panel(stage)["members"]
            if one["kind"] != "appointed" and (not states or one["state"] in states)
        ]

    def undertake(self, stage: UUID, expert: str, *, accept: bool = True) -> Any:
        """An expert answers the call; the custodians have their keys by then."""
        self.record_custodians()
        body = {"accept": accept, "text_version": "2026-1", "reason": None if accept else "当日出差"}
        return self.post(self.expert(expert), f"/stages/{stage}/undertaking", body)

    def all_undertake(self, stage: UUID) -> None:
        """Everybody called accepts."""
        for member in self.members(stage, "called"):
            self.undertake(stage, member["expert_id"])

    def tasks(self, stage: UUID, expert: str) -> list[Any]:
        """The cases of an expert on this panel."""
        lists = self.get(self.expert(expert), "/tasks")
        return next(one["cases"] for one in lists if one["stage_id"] == str(stage))

    def sign_all(self, stage: UUID, expert: str, points: str = "20") -> None:
        """An expert signs every open case with these points for the core technology."""
        client = self.expert(expert)
        for case in self.tasks(stage, expert):
            if not case["signed"]:
                body = {"judgements": {"core_technology": points, "integrity": "9.5"}}
                self.post(client, f"/tasks/{case['case_id']}/sign", body)
