"""The panel's key: any two shares open, one does not; what was tampered with is found; what is attested holds."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import combinations
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from services.review.attesting import ServiceAttestor, Statement, attested
from services.review.custody import (
    WrongPassphrase,
    WrongShare,
    lock_key,
    open_with,
    rebuild_key,
    seal_to,
    share_digest,
    split_new_key,
    unlock_key,
)
from services.review.domain.custody import CUSTODIAN_ROLES, CustodyState, check_named, check_passphrase, custody_state
from shared.kernel.refusals import Refusal

STAGE, CASE, EXPERT = UUID(int=1), UUID(int=2), UUID(int=3)
INSTANT = datetime(2026, 3, 2, tzinfo=UTC)
PLACE = ("sheet", STAGE, CASE, EXPERT, 1)


@settings(deadline=None)
@given(content=st.binary(max_size=2000), two=st.sampled_from(list(combinations((1, 2, 3), 2))))
def test_any_two_of_three_shares_open_what_was_sealed(content: bytes, two: tuple[int, int]) -> None:
    split = split_new_key(STAGE, 1)
    sealed = seal_to(split.public_key, content, *PLACE)

    private = rebuild_key({number: split.shares[number] for number in two}, split.public_key, STAGE, 1)

    assert open_with(private, sealed, *PLACE) == content
    assert len(content) < 16 or content not in sealed


@settings(deadline=None)
@given(number=st.sampled_from((1, 2, 3)), guess=st.binary(min_size=16, max_size=16))
def test_one_share_opens_nothing_whatever_is_guessed_beside_it(number: int, guess: bytes) -> None:
    split = split_new_key(STAGE, 1)
    other = number % 3 + 1

    with pytest.raises(WrongShare):
        rebuild_key({number: split.shares[number]}, split.public_key, STAGE, 1)
    if guess != split.shares[other]:
        with pytest.raises(WrongShare):
            rebuild_key({number: split.shares[number], other: guess}, split.public_key, STAGE, 1)


@settings(deadline=None)
@given(place=st.integers(0, 15), bit=st.integers(0, 7))
def test_a_share_with_one_bit_turned_is_found(place: int, bit: int) -> None:
    split = split_new_key(STAGE, 1)
    turned = bytearray(split.shares[1])
    turned[place] ^= 1 << bit

    with pytest.raises(WrongShare):
        rebuild_key({1: bytes(turned), 2: split.shares[2]}, split.public_key, STAGE, 1)
    assert share_digest(bytes(turned), STAGE, 1, 1) != share_digest(split.shares[1], STAGE, 1, 1)


@settings(deadline=None)
@given(data=st.data(), content=st.binary(min_size=1, max_size=300))
def test_a_sheet_with_one_bit_turned_or_moved_to_another_place_does_not_open(
    data: st.DataObject, content: bytes
) -> None:
    split = split_new_key(STAGE, 1)
    private = rebuild_key(dict(list(split.shares.items())[:2]), split.public_key, STAGE, 1)
    sealed = seal_to(split.public_key, content, *PLACE)
    turned = bytearray(sealed)
    turned[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(WrongShare):
        open_with(private, bytes(turned), *PLACE)
    with pytest.raises(WrongShare):
        open_with(private, sealed, "sheet", STAGE, UUID(int=9), EXPERT, 1)
    with pytest.raises(WrongShare):
        open_with(private, sealed[:20], *PLACE)


def test_shares_of_another_panel_or_generation_do_not_make_its_key() -> None:
    split, other = split_new_key(STAGE, 1), split_new_key(STAGE, 1)

    with pytest.raises(WrongShare):
        rebuild_key(other.shares, split.public_key, STAGE, 1)
    with pytest.raises(WrongShare):
        rebuild_key(split.shares, split.public_key, STAGE, 2)


def test_a_custodians_key_opens_with_the_passphrase_and_owner_alone() -> None:
    locked = lock_key("marsh lantern quay", EXPERT)
    sealed = seal_to(locked.public_key, b"share", "share")

    assert open_with(unlock_key(locked, "marsh lantern quay", EXPERT), sealed, "share") == b"share"
    for passphrase, owner in (("marsh lantern quaz", EXPERT), ("marsh lantern quay", CASE)):
        with pytest.raises(WrongPassphrase):
            unlock_key(locked, passphrase, owner)


def test_custodians_at_the_same_time_do_not_wait_for_each_other() -> None:
    with ThreadPoolExecutor(4) as together:
        keys = list(together.map(lambda owner: lock_key("marsh lantern quay", owner), range(4)))

    assert len({key.public_key for key in keys}) == 4


@pytest.mark.parametrize("passphrase", ["short", "password1234", "aaaaaaaaaaaaaaaa", "x" * 129])
def test_weak_custody_passphrase_is_refused(passphrase: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_passphrase(passphrase)

    assert (refused.value.code, refused.value.field) == ("bad_passphrase", "passphrase")


@pytest.mark.parametrize(
    ("lost", "state"),
    [(0, CustodyState.WHOLE), (1, CustodyState.ONE_LOST), (2, CustodyState.BROKEN), (3, CustodyState.BROKEN)],
)
def test_one_lost_share_is_borne_two_are_not(lost: int, state: CustodyState) -> None:
    assert custody_state(lost, 3) is state


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ([], "three_custodians"),
        ([1, 2], "three_custodians"),
        ([1, 2, 2], "three_custodians"),
        ([1, 2, 3, 4], "three_custodians"),
        ([1, 2, 9], "not_a_custodian"),
        ([1, 2, 4], "three_roles"),
    ],
)
def test_custodians_are_three_persons_of_whom_any_two_may_unseal(named: list[int], code: str) -> None:
    roles = {UUID(int=one): role for one, role in enumerate((*CUSTODIAN_ROLES, "office"), 1)}
    check_named([UUID(int=one) for one in (4, 2, 3)], roles)

    with pytest.raises(Refusal) as refused:
        check_named([UUID(int=one) for one in named], roles)

    assert (refused.value.code, refused.value.field) == (code, "custodians")


def test_what_is_attested_can_be_checked_by_a_stranger_and_not_changed() -> None:
    statement = Statement(
        stage=STAGE,
        case=CASE,
        expert="0a1b",
        version=1,
        sheet="11" * 32,
        sealed="22" * 32,
        panel_key="33" * 32,
        signed_at=INSTANT,
        proved_at=INSTANT,
    )

    kept = attested(ServiceAttestor(b"k" * 32), statement)

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(kept["key"]))
    key.verify(bytes.fromhex(kept["signature"]), kept["statement"].encode())
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(kept["signature"]), kept["statement"].replace("0a1b", "0a1c").encode())
    assert json.loads(kept["statement"])["sheet"] == "11" * 32
    assert "电子签名" not in str(kept)
    assert ServiceAttestor(b"j" * 32).key != kept["key"]
