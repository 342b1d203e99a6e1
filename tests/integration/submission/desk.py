"""The acts of a test as HTTP requests: an office, its category, enterprises that file."""

import itertools
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.submission.domain.statement import STATEMENT_VERSION
from shared.contracts.facts import CycleOpened
from shared.contracts.workflows import StageRef
from shared.infra.rulebooks import load_shipped
from shared.kernel.calendar import business_date
from shared.kernel.credit_code import make_credit_code
from tests.integration.servers import TLS, People, ServiceProcess, eventually, key
from tests.integration.submission.outside import Outside
from tests.pdfs import pdf

QINGDAO, GIANT = "qingdao-economic-achievements", "little-giant-performance"
API = "/api/submission"
PDF = pdf()
FIGURES: dict[str, Any] = {
    "registered_in_qingdao": True,
    "core_technology_claimed": True,
    "industry_class": "strategic_emerging",
    "titles_valid": ["little_giant"],
    "rd_expense_this_year": "123.45",
    "rd_expense_last_year": 100,
    "rd_expense_two_years_ago": 90,
    "revenue_this_year": 2000,
    "revenue_last_year": 1800,
    "revenue_two_years_ago": None,
    "main_product_invention_patents_3_years": 6,
}
_codes = itertools.count(1)


@dataclass
class Place:
    """A category of a cycle under test."""

    cycle_id: UUID
    category_id: UUID
    category_key: str
    book: str

    def ref(self, kind: str) -> StageRef:
        """A stage of the category, not started yet."""
        book = load_shipped()[self.book]
        return StageRef(
            stage_id=uuid4(),
            kind=kind,
            cycle_id=self.cycle_id,
            category_id=self.category_id,
            category_key=self.category_key,
            rulebook_id=book.id,
            rulebook_digest=book.digest,
        )


@dataclass
class Enterprise:
    """An enterprise with its signed-in person."""

    enterprise_id: str
    name: str
    client: httpx.Client


@dataclass
class FreshToken(httpx.Auth):
    """A token signed for each request: a test may last longer than the five minutes of one."""

    people: People
    roles: Sequence[str]
    account: UUID
    acts_for: Sequence[UUID]

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request."""
        token = self.people.token(*self.roles, account=self.account, acts_for=self.acts_for)
        request.headers["Authorization"] = f"Bearer {token}"
        yield request


@dataclass
class Desk:
    """Everybody's hands on the submission service."""

    process: ServiceProcess
    people: People
    outside: Outside
    office_id: UUID = field(default_factory=uuid4)
    second_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self._clients: list[httpx.Client] = []
        self.office = self.person("office", account=self.office_id)
        self.anonymous = httpx.Client(base_url=self.process.origin, timeout=20, verify=TLS)

    def person(self, *roles: str, account: UUID | None = None, acts_for: Sequence[UUID] = ()) -> httpx.Client:
        """Somebody signed in with these roles, until the tests end."""
        auth = FreshToken(self.people, roles, account or uuid4(), acts_for)
        client = httpx.Client(base_url=self.process.origin, auth=auth, timeout=20, verify=TLS)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Hang up."""
        for client in (*self._clients, self.anonymous):
            client.close()

    # -- office ------------------------------------------------------------------------------------------------------

    def category(self, category_key: str = "new_quality_pioneer", book: str = QINGDAO, year: int = 2025) -> Place:
        """A cycle with one category, as office opens it."""
        place = Place(uuid4(), uuid4(), category_key, book)
        rules = load_shipped()[book]
        self.outside.state(
            CycleOpened(cycle_id=place.cycle_id, rulebook_id=rules.id, rulebook_digest=rules.digest, year=year)
        )
        return place

    def begin(self, place: Place, kind: str = "application_window") -> UUID:
        """Start a stage and wait until it is open."""
        ref = place.ref(kind)
        self.outside.start_stage(ref)
        eventually(
            lambda: self.outside.heard("submission.stage.opened.v1", stage_id=ref.stage_id), f"{kind} does not open"
        )
        return ref.stage_id

    def closes_at(self, stage_id: UUID) -> datetime:
        """When a stage's term ends."""
        fact = self.outside.heard("submission.stage.opened.v1", stage_id=stage_id)[0]
        return datetime.fromisoformat(fact["closes_at"])

    def decide(self, case_id: str, decision: str, **more: Any) -> httpx.Response:
        """The office decides on the version it reads now, unless told another; it passes what it has looked at."""
        if more.pop("looked", True) and decision == "pass":
            self.look_at(case_id)
        version = more.pop("expected_version", None) or self.desk_case(case_id)["version"]
        body = {"decision": decision, "article": "第十九条", "reason": "演练", "expected_version": version, **more}
        return self.office.post(f"{API}/cases/{case_id}/decision", json=body, headers=key())

    def look_at(self, case_id: str) -> None:
        """Every open point of the checklist is ticked, as far as the case may still be decided."""
        view = self.desk_case(case_id)
        if view["state"] == "accepted":
            for point in view["checklist"]:
                path = f"{API}/cases/{case_id}/checklist/{point['id']}"
                if point["ticked_at"] is None:
                    good(self.office.put(path, headers=key()))

    def desk_case(self, case_id: str) -> dict[str, Any]:
        """The case on the screener's desk."""
        return good(self.office.get(f"{API}/cases/{case_id}"))

    def end(self, stage_id: UUID, **body: Any) -> httpx.Response:
        """The office ends a stage."""
        return self.office.post(f"{API}/stages/{stage_id}/close", json=body or None, headers=key())

    def await_manifest(self, stage_id: UUID) -> tuple[UUID, str]:
        """Id and digest of the manifest a stage was closed with."""
        eventually(lambda: self.outside.closed(stage_id), "the stage does not close")
        closed = self.outside.closed(stage_id)
        assert closed is not None
        assert closed.manifest_id is not None
        assert closed.manifest_digest is not None
        return closed.manifest_id, closed.manifest_digest

    def two_persons(self, act: str, digest: str) -> dict[str, str]:
        """Headers of an act that two persons agreed on."""
        return {**key(), "X-Ticket": self.people.ticket(act, digest, self.office_id, self.second_id)}

    def disqualify(self, case_id: str, reason: str = "申报材料弄虚作假") -> httpx.Response:
        """Two persons disqualify a case."""
        return self._exclude(case_id, "disqualify", reason)

    def reinstate(self, case_id: str, reason: str = "经复核，材料属实") -> httpx.Response:
        """Two persons take a disqualification back."""
        return self._exclude(case_id, "reinstate", reason)

    def _exclude(self, case_id: str, word: str, reason: str) -> httpx.Response:
        body = {"article": "第十九条", "reason": reason}
        wanted = good(self.office.get(f"{API}/cases/{case_id}/{word}", params=body))
        headers = self.two_persons(wanted["act"], wanted["digest"])
        return self.office.post(f"{API}/cases/{case_id}/{word}", json=body, headers=headers)

    # -- enterprises -------------------------------------------------------------------------------------------------

    def enterprise(self) -> Enterprise:
        """An invented enterprise, registered."""
        number = next(_codes)
        body = {
            "name": f"演练企业{number:03d}",
            "credit_code": make_credit_code(f"91370200{number:09d}"),
            "industry": "制造业",
            "district": "市南区",
        }
        found = good(self.office.post(f"{API}/enterprises", json=body, headers=key()))
        enterprise_id = found["enterprise_id"]
        return Enterprise(enterprise_id, body["name"], self.person("enterprise", acts_for=[UUID(enterprise_id)]))

    def open(self, one: Enterprise, window: UUID, **more: Any) -> httpx.Response:
        """Begin a draft."""
        body = {"stage_id": str(window), "enterprise_id": one.enterprise_id, **more}
        return one.client.post(f"{API}/applications", json=body, headers=key())

    def enter(self, one: Enterprise, case_id: str, figures: dict[str, Any]) -> httpx.Response:
        """Enter figures."""
        return one.client.put(f"{API}/applications/{case_id}/figures", json={"figures": figures}, headers=key())

    def announce(self, one: Enterprise, case_id: str, **more: Any) -> httpx.Response:
        """Announce a file."""
        body = {"name": "审计报告.pdf", "kind": "audit_report", "size": len(PDF), **more}
        return one.client.post(f"{API}/applications/{case_id}/evidence", json=body, headers=key())

    def upload(self, announced: dict[str, Any], content: bytes) -> httpx.Response:
        """Post the file to the file origin, as a browser does."""
        return httpx.post(announced["upload_url"], data=announced["fields"], files={"file": ("f", content)}, verify=TLS)

    def finalise(self, one: Enterprise, case_id: str, evidence_id: str) -> httpx.Response:
        """Have an upload checked and kept."""
        return one.client.post(f"{API}/applications/{case_id}/evidence/{evidence_id}/finalise", headers=key())

    def attach(self, one: Enterprise, case_id: str, content: bytes = PDF, **more: Any) -> dict[str, Any]:
        """A file from announcement to the locked bucket."""
        announced = good(self.announce(one, case_id, **{"size": len(content), **more}))
        assert self.upload(announced, content).is_success
        return good(self.finalise(one, case_id, announced["evidence_id"]))

    def submit(
        self, one: Enterprise, case_id: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Submit."""
        body = {"statement_version": STATEMENT_VERSION, "confirmed": True, **more}
        return one.client.post(f"{API}/applications/{case_id}/submit", json=body, headers=headers or key())

    def file(self, one: Enterprise, window: UUID) -> str:
        """File completely; returns the case."""
        case_id: str = good(self.open(one, window))["case_id"]
        good(self.enter(one, case_id, FIGURES))
        self.attach(one, case_id, figures=["revenue_this_year"])
        good(self.submit(one, case_id))
        return case_id

    def file_paper(self, one: Enterprise, window: UUID) -> str:
        """File completely on paper, entered by the office; returns the case."""
        codes = {entry["enterprise_id"]: entry for entry in good(self.office.get(f"{API}/enterprises"))}
        fact = self.outside.heard("submission.stage.opened.v1", stage_id=window)[0]
        received = business_date(datetime.fromisoformat(fact["opens_at"])).isoformat()
        entry = codes[one.enterprise_id]
        body = {"name": entry["name"], "credit_code": entry["credit_code"], "paper_on": received}
        case_id: str = good(self.office.post(f"{API}/papers", json={**body, "stage_id": str(window)}, headers=key()))[
            "case_id"
        ]
        office = Enterprise(one.enterprise_id, one.name, self.office)
        good(self.enter(office, case_id, FIGURES))
        self.attach(office, case_id, figures=["revenue_this_year"])
        self.attach(office, case_id, pdf(b"scan"), kind="paper_scan", name="纸质申报.pdf")
        good(self.submit(office, case_id))
        return case_id

    def state(self, one: Enterprise, case_id: str) -> str:
        """Where the applicant sees the case."""
        return str(good(one.client.get(f"{API}/applications/{case_id}"))["state"])


def good(response: httpx.Response) -> Any:
    """The answer of a request that must succeed."""
    assert response.is_success, f"{response.status_code} {response.text}"
    return response.json()


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem of a request that must be refused, with a sentence and an id to quote."""
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem.get("code")) == (status, code), response.text
    assert problem["title"]
    assert problem["id"]
    assert response.headers["content-type"] == "application/problem+json"
    return problem
