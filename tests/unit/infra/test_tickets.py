"""Tokens and tickets offline: forged, expired, of the wrong kind; and which ticket fits which act."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest

from shared.infra import tickets
from shared.infra.clocks import SystemClock
from shared.infra.database import Actor, Tx
from shared.infra.tickets import Signer, Ticket, Verifier, require_fresh, use_ticket
from shared.kernel.refusals import NotAllowed, NotSignedIn, Refusal

ACTOR = Actor(
    account_id=UUID(int=1),
    roles=frozenset({"office", "supervisor"}),
    acts_for=frozenset({UUID(int=7)}),
    session=UUID(int=2),
    auth_time=datetime(2026, 1, 5, 1, tzinfo=UTC),
)
DIGEST = "d" * 64
ASKED, CONFIRMED = UUID(int=10), UUID(int=11)


@pytest.fixture
def signer(pair: tuple[Path, Path]) -> Signer:
    return Signer(pair[0])


@pytest.fixture
def verifier(pair: tuple[Path, Path]) -> Verifier:
    return Verifier(pair[1])


def at(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    """Sign as if it were this many minutes from now."""
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr(SystemClock, "now", lambda _self: moment)


def ticket(**changed: Any) -> Ticket:
    values: dict[str, Any] = {
        "ticket_id": uuid4(),
        "act": "panel.void",
        "digest": DIGEST,
        "asked_by": ASKED,
        "confirmed_by": CONFIRMED,
    }
    return Ticket(**{**values, **changed})


def test_a_token_names_account_roles_and_those_it_acts_for(signer: Signer, verifier: Verifier) -> None:
    assert verifier.actor(signer.token(ACTOR)) == ACTOR


def test_a_token_holds_no_name(signer: Signer) -> None:
    claims = jwt.decode(signer.token(ACTOR), options={"verify_signature": False})

    assert set(claims) == {"sub", "roles", "acts_for", "sid", "auth_time", "aud", "iat", "exp"}


def test_a_forged_token_is_refused(other_pair: tuple[Path, Path], verifier: Verifier) -> None:
    with pytest.raises(NotSignedIn):
        verifier.actor(Signer(other_pair[0]).token(ACTOR))


def test_a_token_without_signature_is_refused(verifier: Verifier) -> None:
    moment = datetime.now(UTC)
    claims = {"sub": str(UUID(int=1)), "roles": ["office"], "aud": "fangbang-token", "iat": moment}
    unsigned = jwt.encode({**claims, "exp": moment + timedelta(minutes=1)}, "", algorithm="none")

    with pytest.raises(NotSignedIn):
        verifier.actor(unsigned)


def test_a_changed_token_is_refused(signer: Signer, verifier: Verifier) -> None:
    head, body, signature = signer.token(ACTOR).split(".")
    other_body = signer.token(Actor(account_id=UUID(int=3), session=UUID(int=2))).split(".")[1]

    assert body != other_body
    with pytest.raises(NotSignedIn):
        verifier.actor(".".join([head, other_body, signature]))


@pytest.mark.parametrize("word", ["", "a.b.c", "Bearer", "é"])
def test_what_is_no_token_is_refused(word: str, verifier: Verifier) -> None:
    with pytest.raises(NotSignedIn):
        verifier.actor(word)


def test_a_token_lasts_five_minutes_and_thirty_for_filing(
    signer: Signer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, -4.9)
    fresh = signer.token(ACTOR)
    at(monkeypatch, -5.1)
    old = signer.token(ACTOR)
    at(monkeypatch, -29.9)
    older = signer.token(ACTOR)
    at(monkeypatch, -30.1)
    oldest = signer.token(ACTOR)

    assert verifier.actor(fresh) == ACTOR
    assert verifier.actor(old, filing=True) == verifier.actor(older, filing=True) == ACTOR
    for token, filing in ((old, False), (older, False), (oldest, True)):
        with pytest.raises(NotSignedIn):
            verifier.actor(token, filing=filing)


def test_a_ticket_comes_back_whole_and_expires(
    signer: Signer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ticket()

    assert verifier.ticket(signer.ticket(given)) == given
    at(monkeypatch, -30.1)
    with pytest.raises(NotSignedIn):
        verifier.ticket(signer.ticket(given))


def test_token_and_ticket_do_not_stand_for_each_other(signer: Signer, verifier: Verifier) -> None:
    with pytest.raises(NotSignedIn):
        verifier.ticket(signer.token(ACTOR))
    with pytest.raises(NotSignedIn):
        verifier.actor(signer.ticket(ticket()))


@dataclass
class _Rows:
    """Stands for the session: the first ticket of an id is written, a second is not."""

    seen: set[UUID] = field(default_factory=set)
    ticket_id: UUID | None = None

    async def execute(self, statement: Any) -> "_Rows":
        self.ticket_id = statement.compile().params["ticket_id"]
        return self

    def one_or_none(self) -> UUID | None:
        if self.ticket_id is None or self.ticket_id in self.seen:
            return None
        self.seen.add(self.ticket_id)
        return self.ticket_id


def transaction(account: UUID = ASKED, minutes_since_sign_in: float = 1) -> tuple[Tx, list[dict[str, Any]]]:
    now = datetime(2026, 3, 2, 2, tzinfo=UTC)
    actor = Actor(account_id=account, auth_time=now - timedelta(minutes=minutes_since_sign_in))
    audited: list[dict[str, Any]] = []
    tx = Tx(session=_Rows(), service="review", now=now, system_now=now, rehearsal=True, aside=_Rows, actor=actor)  # type: ignore[arg-type]

    async def audit(_action: str, **details: Any) -> None:
        audited.append(details)

    tx.audit = audit  # type: ignore[method-assign]
    return tx, audited


async def refusal_of(given: Ticket | None, tx: Tx, act: str = "panel.void", digest: str = DIGEST) -> str:
    with pytest.raises(Refusal) as refused:
        await use_ticket(tx, given, act, digest)
    return refused.value.code


async def test_a_ticket_works_for_either_of_its_two_persons_and_is_audited() -> None:
    for account in (ASKED, CONFIRMED):
        tx, audited = transaction(account)
        given = ticket()

        assert await use_ticket(tx, given, "panel.void", DIGEST) == given
        assert audited == [
            {"act": "panel.void", "ticket": given.ticket_id, "second": CONFIRMED, "public": DIGEST},
        ]


async def test_a_ticket_works_once() -> None:
    tx, _audited = transaction()
    given = ticket()
    await use_ticket(tx, given, "panel.void", DIGEST)

    assert await refusal_of(given, tx) == "ticket_used"


@pytest.mark.parametrize(
    ("given", "act", "digest", "code"),
    [
        (None, "panel.void", DIGEST, "second_person"),
        (ticket(), "panel.unseal", DIGEST, "ticket_mismatch"),
        (ticket(), "panel.void", "e" * 64, "ticket_mismatch"),
        (ticket(confirmed_by=ASKED), "panel.void", DIGEST, "not_allowed"),
    ],
)
async def test_a_ticket_that_does_not_fit_is_refused(given: Ticket | None, act: str, digest: str, code: str) -> None:
    tx, audited = transaction()

    assert await refusal_of(given, tx, act, digest) == code
    assert audited == []


async def test_a_third_person_cannot_use_it() -> None:
    tx, _audited = transaction(UUID(int=12))

    with pytest.raises(NotAllowed):
        await use_ticket(tx, ticket(), "panel.void", DIGEST)


def test_an_irreversible_act_needs_a_recent_sign_in() -> None:
    require_fresh(transaction(minutes_since_sign_in=tickets.FRESH_MINUTES)[0])

    stale, _audited = transaction(minutes_since_sign_in=tickets.FRESH_MINUTES + 0.1)
    with pytest.raises(Refusal, match="fresh_authentication"):
        require_fresh(stale)
