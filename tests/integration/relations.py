"""Rights by relation, generated: every route that names an object × every role × own, foreign and unknown.

What is expected follows from the table of rights alone: a role without the act is refused alike whatever it names; a
role bound to its own objects (``rights.BOUND``) is told the same of a foreign object as of one that does not exist;
whoever else may act is not asked whose it is.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.web.rights import BOUND, OUTSIDE, POLICY, Role
from tests.contract.declared import Route
from tests.integration.servers import TLS, People, ServiceProcess, key

OWN, FOREIGN, UNKNOWN = "own", "foreign", "unknown"
Told = tuple[int, str, str, str]
"""Status, code and sentence of an answer, and its bytes without what differs between any two."""
# A connection kept alive may be closed by the server just when it is used again.
_FRESH = httpx.Limits(max_keepalive_connections=0)
_INSTANT = re.compile(r"<time[^>]*>[^<]*</time>")


@dataclass
class Relations:
    """Somebody's objects, another one's, and what to send to each route that writes.

    ``own`` and ``foreign`` give an id for each parameter of a path; ``bodies`` a valid body by route; ``hidden``
    further relations, by name, in which an object must be to a bound role as one that does not exist, as recused.
    """

    process: ServiceProcess
    people: People
    account: UUID
    acts_for: tuple[UUID, ...]
    own: Mapping[str, str]
    foreign: Mapping[str, str]
    bodies: Mapping[str, Mapping[str, Any]]
    hidden: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    assertions: int = 0
    wrong: list[str] = field(default_factory=list)
    session: UUID = field(default_factory=uuid4)

    def check(self, routes: Iterable[Route]) -> None:
        """Knock at every route whose ids are known here; what differs from the table is kept in ``wrong``."""
        with httpx.Client(base_url=self.process.origin, timeout=30, limits=_FRESH, verify=TLS) as client:
            for route in routes:
                for role in Role:
                    self._check(client, route, role)

    def covers(self, route: Route) -> bool:
        """Whether the ids of this route are known here."""
        names = re.findall(r"\{(\w+)\}", route.path)
        return bool(names) and route.act is not None and set(names) <= set(self.own)

    def sees(self, routes: Iterable[Route], traces: Iterable[str]) -> None:
        """No list shows anything of the foreign object to a bound role, or to those outside where all may look."""
        with httpx.Client(base_url=self.process.origin, timeout=30, limits=_FRESH, verify=TLS) as client:
            for route in routes:
                for role in BOUND.get(route.act or "", OUTSIDE):
                    text = client.get(route.path, headers=self._headers(role, route)).text
                    for trace in traces:
                        self._expect(trace not in text, f"{route} shows {trace} to {role}")

    def _check(self, client: httpx.Client, route: Route, role: Role) -> None:
        assert route.act is not None
        relations = (UNKNOWN, FOREIGN, *self.hidden, OWN)
        told = {relation: self._ask(client, route, role, relation) for relation in relations}
        if role not in POLICY[route.act]:
            for relation, answer in told.items():
                self._expect(answer[:2] == (403, "not_allowed"), f"{route} as {role}, {relation}: {answer}")
            self._expect(len({one[:3] for one in told.values()}) == 1, f"{route} as {role} is told what exists: {told}")
        elif role in BOUND.get(route.act, frozenset()):
            for relation in (FOREIGN, *self.hidden):
                self._expect(told[relation][0] == 404, f"{route} as {role}, {relation}: {told[relation]}")
                alike = slice(None) if relation in self.hidden else slice(3)
                same = told[relation][alike] == told[UNKNOWN][alike]
                self._expect(same, f"{route} as {role} is told what exists: {told}")
            self._expect(told[OWN][0] not in (403, 404, 422), f"{route} as {role}, own: {told[OWN]}")
        else:
            for relation in (FOREIGN, *self.hidden, OWN):
                self._expect(told[relation][0] != 403, f"{route} as {role}, {relation}: {told[relation]}")

    def _ask(self, client: httpx.Client, route: Route, role: Role, relation: str) -> Told:
        """The whole answer but what differs between any two: its id, its date and the ids that were asked for."""
        unknown = {name: one if one.isdecimal() else str(uuid4()) for name, one in self.own.items()}
        ids = {OWN: self.own, FOREIGN: self.foreign, UNKNOWN: unknown, **self.hidden}[relation]
        path = re.sub(r"\{(\w+)\}", lambda name: ids[name[1]], route.path)
        body = dict(self.bodies.get(str(route), {}))
        headers = self._headers(role, route)
        if route.is_form:
            sent: dict[str, Any] = {"data": {"csrf": self._csrf(), "key": str(uuid4()), **body}}
        else:
            sent = {"json": body} if route.writes else {}
        answer = client.request(route.method, path, headers=headers, **sent)
        return self.bytes_of(answer, *ids.values())

    @staticmethod
    def bytes_of(answer: httpx.Response, *asked: str) -> Told:
        """An answer to compare byte for byte with another one: without trace, instants and what was asked for."""
        code, title = _problem(answer)
        return answer.status_code, code, title, _without(answer, asked)

    def _headers(self, role: Role, route: Route) -> dict[str, str]:
        token = self.people.token(role, account=self.account, acts_for=self.acts_for, session=self.session)
        return {"Authorization": f"Bearer {token}", **(key() if route.writes else {})}

    def _csrf(self) -> str:
        secret = Path(self.process.env["FANGBANG_SERVICE_KEY"]).read_bytes()
        return hmac.new(secret, str(self.session).encode(), sha256).hexdigest()

    def _expect(self, holds: bool, otherwise: str) -> None:
        self.assertions += 1
        if not holds:
            self.wrong.append(otherwise)


def _problem(answer: httpx.Response) -> tuple[str, str]:
    """Code and sentence of a refusal."""
    if answer.headers.get("content-type") != "application/problem+json":
        return "", ""
    problem = answer.json()
    return problem["code"], problem["title"]


def _without(answer: httpx.Response, asked: Iterable[str]) -> str:
    """Headers and body of a refusal, byte for byte, without trace and date; of anything else nothing is compared."""
    if answer.status_code < 400:
        return ""
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in ("date", "x-trace"))
    trace = answer.headers.get("x-trace") or answer.json()["id"]
    text = f"{headers}\n{answer.text}".replace(trace, "trace")
    for one in (each for each in asked if not each.isdecimal()):
        text = text.replace(one, "asked")
    return _INSTANT.sub("instant", text)
