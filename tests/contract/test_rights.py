"""Rights, generated: every route × every role equals the one table; every writing request needs a key."""

import ast
import hmac
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from importlib import import_module
from uuid import UUID

import httpx
import pytest

from services.office.accounts.pages.tickets import BY_TWO
from services.submission.actions.exclusion import DISQUALIFY, REINSTATE
from shared.infra.database import Actor, Database, Tx
from shared.kernel.refusals import Refusal
from shared.web.rights import POLICY, Role
from tests.contract.declared import Declared, Route, calls_of, literal, sources

Services = Mapping[str, Declared]
SESSION = UUID(int=2)
NOBODY = "nobody"

# Writing without an act of a signed-in person: proving who one is, and what the public may do.
OPEN_TO_WRITE = {
    "POST /account/code": "a step of signing in",
    "POST /account/invitation/{link}": "works once",
    "POST /account/new-password": "a step of signing in",
    "POST /account/prove": "proves password and code again",
    "POST /account/recovery/{link}": "works once",
    "POST /account/register": "any enterprise may ask; has a key of its own",
    "POST /account/renew": "renews the token behind a form that the next page checks",
    "POST /account/sign-in": "a repeat is another session",
    "POST /api/office/invitations/accept": "works once",
    "POST /api/office/reauthenticate": "proves password and code again",
    "POST /api/office/recovery": "works once",
    "POST /api/office/sign-in/code": "a step of signing in",
    "POST /api/office/sign-in/enrolment": "a step of signing in",
    "POST /api/office/sign-in/password": "a step of signing in",
    "POST /api/office/registrations": "any enterprise may ask; has a key of its own",
    "POST /api/office/sign-in": "a repeat is another session",
    "POST /api/office/sign-out": "ends the session",
    "POST /api/office/token": "exchanges the session for a token",
    "POST /api/publication/objections": "anybody may object; has a key of its own",
    "POST /api/publication/polls/{stage_id}/tokens": "anybody may ask for a vote",
    "POST /api/publication/polls/{stage_id}/votes": "one token, one vote",
    "POST /objections": "anybody may object; has a key of its own",
    "POST /votes/{stage_id}": "one token, one vote",
}

# Reading without signing in: the public site and its data, signing in itself, how a process stands.
OPEN_TO_READ = re.compile(
    r"/(healthz|readyz|metrics)"
    r"|/account/(prove|renew|code|enrolment|new-password|sign-in|sign-in/link/\{link\}|sign-out|oidc|oidc/callback)"
    r"|/account/(register|(recovery|invitation|registration)/\{link\})|/api/office/registrations/own"
    r"|/|/(programmes|verify|lists|results|objections|votes)(/new|/\{\w+\})?"
    r"|/results/check"  # asks only what was released
    r"|/objections/follow"  # asks for the code of the receipt, as its address does
    r"|/portal/receipts"  # says only whether a receipt is genuine
    r"|/committee/consultations/\{stage_id\}"  # only leads on to the page that asks
    r"|/api/publication/(polls|objections|lists)/\{\w+\}|/api/publication/categories/\{category_id\}/releases"
)


def all_routes(declared: Services) -> Iterator[Route]:
    for service in declared.values():
        yield from service.routes


def words_given_to(*calls: tuple[str, int]) -> set[str]:
    """The acts written in the code as an argument of these functions."""
    return {
        word
        for _path, tree in sources("services", "shared")
        for name, position in calls
        for call in calls_of(tree, name)
        if (word := literal(call, position)) is not None
    }


def test_every_act_is_in_the_policy_and_every_entry_is_used(declared: Services) -> None:
    used = {route.act for route in all_routes(declared) if route.act is not None}
    used |= words_given_to(("require", 1), ("may", 1))

    assert used - set(POLICY) == set(), "acts that nobody may do"
    assert set(POLICY) - used == set(), "entries of POLICY that no route uses"


def acts_with_tickets() -> set[str]:
    """What is given to ``use_ticket``: a constant; only a case's exclusion chooses between its two."""
    found = {DISQUALIFY, REINSTATE}
    for path, tree in sources("services"):
        for call in calls_of(tree, "use_ticket"):
            name = ast.unparse(call.args[2])
            if not path.endswith("submission/actions/exclusion.py"):
                module = import_module(path[path.index("services/") :].removesuffix(".py").replace("/", "."))
                found.add(getattr(module, name))
    return found


def test_every_act_that_needs_a_ticket_can_be_asked_for_by_two_persons() -> None:
    acts = acts_with_tickets()

    assert acts == set(BY_TWO), "acts of two persons that the page on which they are asked for does not know"
    assert acts <= set(POLICY)
    for act in acts:
        assert POLICY[act] & POLICY["ticket.ask"] & POLICY["ticket.confirm"], act


def test_a_route_that_writes_is_an_act_of_a_person(declared: Services) -> None:
    unchecked = {str(route) for route in all_routes(declared) if route.writes and route.act is None}

    assert unchecked - set(OPEN_TO_WRITE) == set(), "writing endpoints without acting(...) or acting_form(...)"
    assert set(OPEN_TO_WRITE) - unchecked == set(), "no longer needed in OPEN_TO_WRITE"


def test_a_route_open_to_all_readers_is_public_on_purpose(declared: Services) -> None:
    reading = [route for route in all_routes(declared) if not route.writes and not route.signed_in]

    assert [str(route) for route in reading if not OPEN_TO_READ.fullmatch(route.path)] == []


def test_nothing_writes_under_a_reading_method(declared: Services) -> None:
    for route in all_routes(declared):
        assert route.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, route
        assert not (route.is_form and not route.writes), route


def test_tables_are_changed_only_by_actions() -> None:
    for path, tree in sources("services"):
        if path.rsplit("/", 1)[-1] in ("api.py", "pages.py") or "/api/" in path or "/pages/" in path:
            assert [node for node in ast.walk(tree) if _changes(node)] == [], path


def _changes(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node) in ("tx.session.add", "tx.session.delete", "tx.emit")


# -- every route × every role ------------------------------------------------------------------------------------------


class Behind(Database):
    """Stands where the database would be: whoever comes so far has passed every check at the door."""

    @asynccontextmanager
    async def transaction(self, *_actor: object, **_options: object) -> AsyncIterator[Tx]:
        """Refuse, so that nothing is done and nothing is logged as a fault."""
        raise Refusal("passed", "通过了权限检查。")
        yield


class Door:
    """Knocks at the routes of a service, all checks of rights in place and nothing behind them."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        declared.service.database = Behind(declared.service.settings.database_url, declared.parts.name)
        self._headers: dict[str, dict[str, str]] = {NOBODY: {}}
        transport = httpx.ASGITransport(declared.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://door")
        self.csrf = hmac.new(declared.service.secret, str(SESSION).encode(), sha256).hexdigest()

    def headers(self, role: str) -> dict[str, str]:
        if role not in self._headers:
            signer = self.declared.service.signer
            assert signer is not None
            actor = Actor(account_id=UUID(int=1), roles=frozenset({role}), session=SESSION)
            self._headers[role] = {"Authorization": f"Bearer {signer.token(actor)}"}
        return self._headers[role]

    async def knock(self, route: Route, role: str) -> tuple[int, str]:
        """Status of the answer to an empty request without a key, and its code; a way onward counts as passed."""
        path = re.sub(r"\{[^}]+\}", str(UUID(int=3)), route.path)
        form = {"csrf": self.csrf} if route.is_form else None
        answer = await self.client.request(route.method, path, headers=self.headers(role), data=form)
        if answer.is_redirect:
            return answer.status_code, "passed"
        kind = answer.headers.get("content-type", "")
        return answer.status_code, answer.json().get("code", "") if kind == "application/problem+json" else ""


def expected(route: Route, role: str) -> set[str]:
    """What an empty request without a key may be told."""
    if role == NOBODY:
        return {"not_signed_in"}
    if route.act is not None and role not in POLICY[route.act]:
        return {"not_allowed"}
    if route.act is None and not route.writes:
        return {"passed", "invalid_request", "not_allowed"}  # the page itself sees whom it has before it
    # Past the check of rights a write is stopped for its key; a read goes on to its parameters and its transaction.
    return {"idempotency_key"} if route.writes else {"passed", "invalid_request"}


@pytest.mark.parametrize("name", ["office", "submission", "review", "ranking", "publication"])
async def test_every_route_and_role_is_as_the_policy_says(
    declared: Services, name: str, record_property: Callable[[str, object], None]
) -> None:
    door, checked, wrong = Door(declared[name]), 0, []
    for route in declared[name].routes:
        if not route.signed_in:
            continue
        for role in (*Role, NOBODY):
            status, code = await door.knock(route, role)
            checked += 1
            if code not in expected(route, role):
                wrong.append(f"{route} as {role}: {status} {code}, expected {expected(route, role)}")

    print(f"{name}: {checked} pairs of route and role checked")
    record_property("checked", checked)
    assert wrong == []
    assert checked > 0


def test_every_refusal_of_the_door_is_told_apart() -> None:
    route = Route("review", "POST", "/x", "panel.void", signed_in=True)

    assert expected(route, NOBODY) == {"not_signed_in"}
    assert expected(route, Role.MEDIA) == {"not_allowed"}
    assert expected(route, Role.OFFICE) == {"idempotency_key"}


def test_administrators_exclude_each_other_in_the_policy() -> None:
    for act, roles in POLICY.items():
        both = roles & {Role.SECURITY, Role.OPERATOR}
        assert len(both) < 2 or roles == set(Role), act
