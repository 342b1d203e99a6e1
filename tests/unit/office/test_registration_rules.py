"""Registering an enterprise, inviting, handing work over: what is refused, with every field named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.office.accounts.domain import handovers, registration
from services.office.accounts.domain.registration import Registrant
from shared.kernel.credit_code import make_credit_code
from shared.kernel.refusals import Conflict, NotAllowed, Refusal

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
GOOD = Registrant(
    make_credit_code("91370202MA3ABCDE1"), "演练企业一", "演练联系人", "13800000000", "firm1@example.com", "制造业"
)


def test_a_good_registrant_is_put_into_normal_form() -> None:
    typed = replace(GOOD, credit_code=f" {GOOD.credit_code.lower()} ", name=" 演练企业一 ", ownership="  ")

    assert registration.checked(typed) == GOOD


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"credit_code": GOOD.credit_code[:-1] + ("0" if GOOD.credit_code[-1] != "0" else "1")}, "credit_code"),
        ({"credit_code": "91370202"}, "credit_code"),
        ({"name": "  "}, "name"),
        ({"name": "业" * 201}, "name"),
        ({"name": "演练\u202e企业"}, "name"),
        ({"contact": ""}, "contact"),
        ({"contact": "演练\u200b联系人"}, "contact"),
        ({"mobile": "12800000000"}, "mobile"),
        ({"mobile": "1380000000"}, "mobile"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b@c.cn"}, "email"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, str], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        registration.checked(replace(GOOD, **change))

    assert [problem.field for problem in refused.value.problems] == [field]
    assert refused.value.field == field


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(Refusal) as refused:
        registration.checked(Registrant("", "", "", "", ""))

    assert [problem.field for problem in refused.value.problems] == [
        "credit_code", "name", "contact", "mobile", "email",
    ]  # fmt: skip


def test_registrations_of_one_code_do_not_pile_up() -> None:
    registration.require_room(4)
    with pytest.raises(Conflict):
        registration.require_room(5)


def test_a_registration_is_decided_once() -> None:
    registration.require_undecided("waiting")
    for state in ("confirmed", "declined"):
        with pytest.raises(Conflict):
            registration.require_undecided(state)


@pytest.mark.parametrize(
    ("invited", "own", "joins"),
    [
        (["enterprise"], ["enterprise"], True),
        (["enterprise"], ["enterprise", "media"], True),
        (["enterprise"], ["office"], False),
        (["office"], ["enterprise"], False),
        (["enterprise", "office"], ["enterprise"], False),
    ],
)
def test_only_an_enterprise_is_added_and_only_to_an_enterprises_account(
    invited: list[str], own: list[str], joins: bool
) -> None:
    if joins:
        registration.require_joining(invited, own, "enterprise")
        return
    with pytest.raises(NotAllowed):
        registration.require_joining(invited, own, "enterprise")


@pytest.mark.parametrize(
    ("roles", "to_roles", "code"),
    [
        (["office"], ["office"], None),
        (["office", "co_chair"], ["office"], None),
        (["department"], ["office", "department"], None),
        (["office"], ["department"], "other_role"),
        (["expert"], ["expert"], "personal_work"),
        (["co_chair"], ["co_chair"], "personal_work"),
    ],
)
def test_work_goes_to_the_same_role_and_what_is_personal_stays(
    roles: list[str], to_roles: list[str], code: str | None
) -> None:
    if code is None:
        handovers.require_handable(roles, to_roles)
        return
    with pytest.raises(NotAllowed) as refused:
        handovers.require_handable(roles, to_roles)
    assert refused.value.code == code


@pytest.mark.parametrize("days", [0, -1, 181])
def test_a_hand_over_has_an_end_in_sight(days: int) -> None:
    with pytest.raises(Refusal):
        handovers.require_period(NOW, NOW + timedelta(days=days))


def test_half_a_year_is_the_longest_hand_over() -> None:
    handovers.require_period(NOW, NOW + timedelta(days=180))
