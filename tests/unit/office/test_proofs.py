"""What proves a person: passwords by profile, one-time codes, the order of the steps, one-use links, sealed secrets."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from pyotp import TOTP

from services.office.accounts import links, sealing
from services.office.accounts.domain import passwords, sessions
from services.office.accounts.domain.passwords import PROFILES
from services.office.accounts.domain.second_factor import enrolment_uri, fitting_step, seeded_secret
from services.office.accounts.domain.sessions import Step
from shared.kernel.refusals import Conflict, NotSignedIn, Refusal
from shared.web.rights import Role, needs_second_factor

NOW = datetime(2026, 1, 5, 1, 0, 10, tzinfo=UTC)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("profile", "password"),
    [
        ("asvs", "harbour lantern 46 kites"),
        ("asvs", "海港的灯笼照着四十六只风筝"),
        ("djbh", "Hx7!quay"),
    ],
)
def test_a_good_password_is_taken(profile: str, password: str) -> None:
    passwords.check_password(PROFILES[profile], password, ("office1", "办公室甲"))


@pytest.mark.parametrize(
    ("profile", "password", "why"),
    [
        ("asvs", "Hx7!quay", "12至128"),
        ("asvs", "x" * 129, "12至128"),
        ("asvs", "qwertyuiop12", "容易被猜到"),
        ("asvs", "aaaaaaaaaaaaaaaa", "容易被猜到"),
        ("asvs", "1234567890123", "容易被猜到"),
        ("asvs", "office1office1", "容易被猜到"),
        ("asvs", "fangbangfangbang", "容易被猜到"),
        ("djbh", "Hx7!qua", "8至128"),
        ("djbh", "hx7vquayk", "至少3种"),
        ("djbh", "Password1", "容易被猜到"),
    ],
)
def test_a_poor_password_is_refused_with_its_reason(profile: str, password: str, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refused:
        passwords.check_password(PROFILES[profile], password, ("office1",))

    assert (refused.value.code, refused.value.field) == ("bad_password", "password")


def test_only_djbh_lets_a_password_grow_stale() -> None:
    set_at = NOW - timedelta(days=91)

    assert passwords.is_stale(PROFILES["djbh"], set_at, NOW)
    assert not passwords.is_stale(PROFILES["djbh"], NOW - timedelta(days=89), NOW)
    assert not passwords.is_stale(PROFILES["asvs"], set_at, NOW)


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_code_fits_within_one_step_of_drift(seconds: int) -> None:
    code = TOTP(SECRET).at(NOW + timedelta(seconds=seconds))

    assert fitting_step(SECRET, code, NOW, 0) == TOTP(SECRET).timecode(NOW) + seconds // 30


@pytest.mark.parametrize(
    "code", [TOTP(SECRET).at(NOW + timedelta(seconds=60)), "000000", "", "not a code", "１２３４５６"]
)
def test_another_code_does_not_fit(code: str) -> None:
    assert fitting_step(SECRET, code, NOW, 0) is None


def test_a_code_fits_once_and_none_before_it_after() -> None:
    totp = TOTP(SECRET)
    used = fitting_step(SECRET, totp.at(NOW), NOW, 0)
    assert used is not None

    assert fitting_step(SECRET, totp.at(NOW), NOW, used) is None
    assert fitting_step(SECRET, totp.at(NOW - timedelta(seconds=30)), NOW, used) is None
    assert fitting_step(SECRET, totp.at(NOW + timedelta(seconds=30)), NOW, used) == used + 1


def test_blanks_in_a_code_do_not_count() -> None:
    code = TOTP(SECRET).at(NOW)

    assert fitting_step(SECRET, f" {code[:3]} {code[3:]} ", NOW, 0) is not None


def test_the_address_for_the_app_names_login_and_issuer() -> None:
    uri = enrolment_uri(SECRET, "office1", rehearsal=True)

    assert uri.startswith("otpauth://totp/")
    assert SECRET in uri
    assert "office1" in uri


def test_seeded_secrets_follow_from_key_and_login() -> None:
    assert seeded_secret("k", "office1") == seeded_secret("k", "office1")
    assert len({seeded_secret("k", "office1"), seeded_secret("k", "office2"), seeded_secret("j", "office1")}) == 3


@pytest.mark.parametrize(
    ("enrolled", "needed", "stale", "step"),
    [
        (True, True, True, Step.CODE),
        (True, False, False, Step.CODE),
        (False, True, True, Step.ENROLMENT),
        (False, False, True, Step.PASSWORD),
        (False, False, False, None),
    ],
)
def test_the_steps_of_a_sign_in_come_in_order(enrolled: bool, needed: bool, stale: bool, step: Step | None) -> None:
    assert sessions.first_step(enrolled=enrolled, factor_needed=needed, password_stale=stale) is step


def test_a_step_out_of_turn_is_refused() -> None:
    with pytest.raises(Conflict):
        sessions.require_step(None, Step.CODE)
    with pytest.raises(Conflict):
        sessions.require_step(Step.CODE, Step.PASSWORD)
    with pytest.raises(NotSignedIn):
        sessions.require_finished(Step.CODE)


def test_everybody_but_enterprises_and_media_needs_a_second_factor() -> None:
    assert {role for role in Role if not needs_second_factor([role])} == {Role.ENTERPRISE, Role.MEDIA}
    assert needs_second_factor([Role.ENTERPRISE, Role.EXPERT])


def test_a_link_leads_to_its_row_for_its_purpose_only() -> None:
    row = uuid4()
    token = links.link_token(KEY, "recovery", row)

    assert links.linked_row(KEY, "recovery", token) == row
    assert links.linked_row(KEY, "invitation", token) is None
    assert links.linked_row(bytes(32), "recovery", token) is None


@pytest.mark.parametrize("token", ["", "x", "链接", "A" * 48, "=" * 48])
def test_a_forged_link_leads_nowhere(token: str) -> None:
    assert links.linked_row(KEY, "recovery", token) is None


def test_a_sealed_secret_opens_for_its_account_only() -> None:
    account = uuid4()
    sealed = sealing.seal(KEY, account, SECRET)

    assert SECRET.encode() not in sealed
    assert sealing.unseal(KEY, account, sealed) == SECRET
    with pytest.raises(InvalidTag):
        sealing.unseal(KEY, uuid4(), sealed)
