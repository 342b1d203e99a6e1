"""Rules of logins, sessions and tickets."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.office.accounts.domain import people, sessions, tickets
from services.office.accounts.domain.passwords import PROFILES
from services.office.accounts.seeding import seeded_accounts
from shared.kernel.refusals import Conflict, NotAllowed, NotSignedIn, Refusal
from shared.web.rights import EXCLUSIVE, POLICY, Role

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("login", ["ab", "-ab", "名字", "a b c", "x" * 65])
def test_a_login_of_another_shape_is_refused(login: str) -> None:
    with pytest.raises(Refusal) as refused:
        people.check_login(login)

    assert refused.value.code == "bad_login"


def test_a_login_is_kept_in_lower_case() -> None:
    assert people.check_login("  Office1 ") == "office1"


@pytest.mark.parametrize(
    ("roles", "code"),
    [([], "no_role"), (["operator", "auditor"], "exclusive_roles"), (["security", "operator"], "exclusive_roles")],
)
def test_roles_that_do_not_fit_are_refused(roles: list[str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        people.check_roles(roles, EXCLUSIVE)

    assert refused.value.code == code


def test_one_administrator_role_beside_others_is_allowed() -> None:
    people.check_roles(["office", "auditor"], EXCLUSIVE)


@pytest.mark.parametrize(("failures", "locked"), [(4, False), (5, True), (6, True)])
def test_the_fifth_failure_locks_for_a_quarter_of_an_hour(failures: int, locked: bool) -> None:
    until = sessions.locks_after(failures, NOW)

    assert until == (NOW + timedelta(minutes=15) if locked else None)


def test_a_lock_ends_at_its_instant() -> None:
    until = NOW + timedelta(minutes=15)

    sessions.require_unlocked(until, until)
    with pytest.raises(sessions.LockedOut, match="约15分钟"):
        sessions.require_unlocked(until, NOW)


@pytest.mark.parametrize(
    ("opened", "used", "ended", "revoked"),
    [
        (timedelta(hours=1), timedelta(minutes=31), None, None),
        (timedelta(hours=13), timedelta(minutes=1), None, None),
        (timedelta(hours=1), timedelta(minutes=1), NOW, None),
        (timedelta(hours=1), timedelta(minutes=1), None, NOW),
    ],
    ids=["idle", "too old", "ended", "revoked"],
)
def test_a_session_that_is_over_is_refused(
    opened: timedelta, used: timedelta, ended: datetime | None, revoked: datetime | None
) -> None:
    with pytest.raises(NotSignedIn):
        sessions.require_alive(PROFILES["asvs"], NOW - opened, NOW - used, ended, revoked, NOW)


def test_a_session_in_use_is_alive() -> None:
    sessions.require_alive(PROFILES["asvs"], NOW - timedelta(hours=11), NOW - timedelta(minutes=29), None, None, NOW)


@pytest.mark.parametrize("state", ["confirmed", "declined"])
def test_an_answered_ticket_is_not_answered_again(state: str) -> None:
    with pytest.raises(Conflict):
        tickets.require_waiting(state, NOW, NOW)


def test_a_ticket_expires() -> None:
    with pytest.raises(Conflict, match="ticket_expired"):
        tickets.require_waiting("waiting", NOW - timedelta(minutes=31), NOW)


@pytest.mark.parametrize(
    ("act", "first", "second", "fits"),
    [
        ("release.confirm", ["office"], ["office"], True),
        ("panel.void", ["office"], ["supervisor"], True),
        ("panel.void", ["supervisor"], ["office"], True),
        ("panel.void", ["office"], ["office"], False),
        ("panel.void", ["office", "supervisor"], ["review_chair"], False),
        ("panel.unseal", ["office"], ["review_chair"], True),
        ("panel.unseal", ["supervisor"], ["review_chair"], True),
        ("panel.unseal", ["review_chair"], ["review_chair"], False),
        ("panel.unseal", ["office"], ["auditor"], False),
    ],
)
def test_two_persons_hold_the_roles_of_an_act_between_them(
    act: str, first: list[str], second: list[str], fits: bool
) -> None:
    if fits:
        tickets.require_second_person(act, uuid4(), first, uuid4(), second)
        return
    with pytest.raises(NotAllowed) as refused:
        tickets.require_second_person(act, uuid4(), first, uuid4(), second)
    assert refused.value.code == "wrong_pair"


def test_nobody_confirms_their_own_ticket() -> None:
    person = uuid4()

    with pytest.raises(NotAllowed) as refused:
        tickets.require_second_person("release.confirm", person, ["office"], person, ["office"])

    assert refused.value.code == "same_person"


def test_the_acts_that_need_a_pair_are_open_to_both_of_it() -> None:
    for act, pair in tickets.PAIRS.items():
        assert pair <= {role.value for role in POLICY[act]}


def test_the_seed_has_every_role_that_is_not_created_through_the_api() -> None:
    seeded = seeded_accounts()

    assert {role for one in seeded for role in one.roles} == set(Role) - {Role.ENTERPRISE, Role.EXPERT}
    assert len({one.login for one in seeded}) == len(seeded)
    for one in seeded:
        people.check_roles(one.roles, EXCLUSIVE)
