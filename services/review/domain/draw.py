"""The draw: from a frozen list and secrets committed to before, the same panel for everybody who recomputes.

Algorithm ``fangbang-draw-2``; docs/draw.md describes it so that others can write their own, ``verify_draw.py`` says the
same with the standard library only. Each party's commitment binds it to this list and to itself: SHA-256 over a label,
the list's digest, the party's key and the secret. The seed is SHA-256 over another label, the list's digest, the
secrets in the list's order of parties and the public beacon's value if the list names one. Number *i* of the stream is
HMAC-SHA256(seed, i as 8 bytes, big endian), read as an integer. A place among *n* is that number modulo *n*; numbers in
the last incomplete block of *n* are thrown away, so that no place is favoured. Lists are taken in the order of the
pseudonyms. First each pool's minimum, pool by pool; then the other seats from all who are left; then each pool's
alternates in order.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from hmac import digest as hmac_digest

from pydantic import BaseModel, ConfigDict

from shared.kernel.canonical import digest
from shared.kernel.refusals import Refusal

ALGORITHM = "fangbang-draw-2"
SECRET_BYTES = 32
_COMMITMENT = b"fangbang-draw-2 commitment\0"
_SEED = b"fangbang-draw-2 seed\0"
_SPAN = 1 << 256


class Frozen(BaseModel):
    """Base of the draw's models."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PoolShare(Frozen):
    """A pool in this draw: at least ``min`` members and up to ``alternates`` ordered alternates come from it."""

    key: str
    name: str
    min: int
    alternates: int


class Eligible(Frozen):
    """Somebody who may be drawn, under the pseudonym of this panel."""

    expert: str
    pool: str


class Excluded(Frozen):
    """Somebody of a pool who may not be drawn, and why; ``reason`` is a code, never a free text."""

    expert: str
    pool: str
    reason: str


class Party(Frozen):
    """Somebody who commits to a secret and reveals it; the list's order of parties is that of the seed."""

    key: str
    name: str


class BeaconRound(Frozen):
    """A public source of randomness and the round of it that will be used, which is not out yet."""

    name: str
    round: int


class Commitment(Frozen):
    """What a party put into the ledger before anybody revealed."""

    party: str
    commitment: str


class Reveal(Frozen):
    """The secret behind a party's commitment: 64 hex digits."""

    party: str
    secret: str


class PastAttempt(Frozen):
    """An earlier attempt of the same panel: drawn, with its transcript, or void, with the reason and who was silent."""

    attempt: int
    list_digest: str
    commitments: tuple[Commitment, ...]
    reveals: tuple[Reveal, ...]
    silent: tuple[str, ...]
    void_reason: str | None
    transcript_digest: str | None


class FrozenList(Frozen):
    """What is frozen before a draw and stands in the ledger under its digest; no names, only pseudonyms.

    It holds everything about the draw that does not follow from it, the earlier attempts too: whoever changes a byte
    of a transcript changes the list's digest or something that is recomputed.
    """

    algorithm: str
    stage: str
    attempt: int
    frozen_at: str
    rulebook: str
    manifest: str
    standing: str
    seats: int
    pools: tuple[PoolShare, ...]
    parties: tuple[Party, ...]
    beacon: BeaconRound | None
    eligible: tuple[Eligible, ...]
    excluded: tuple[Excluded, ...]
    earlier: tuple[PastAttempt, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the list."""
        return digest(self)


class Drawn(Frozen):
    """A member by draw, in the order drawn; ``because`` is ``pool`` (its minimum) or ``all`` (the other seats)."""

    expert: str
    pool: str
    because: str


class Alternate(Frozen):
    """A substitute of a pool; ``place`` 1 is asked first."""

    expert: str
    pool: str
    place: int


class DrawOutcome(Frozen):
    """What the draw gave."""

    seed: str
    members: tuple[Drawn, ...]
    alternates: tuple[Alternate, ...]


class Transcript(DrawOutcome):
    """Everything a stranger needs to recompute a draw, and nobody's name; ``beacon`` is the named round's value."""

    list: FrozenList
    list_digest: str
    commitments: tuple[Commitment, ...]
    reveals: tuple[Reveal, ...]
    beacon: str | None


def commitment_to(list_digest: str, party: str, secret: str) -> str:
    """A party's commitment to its secret for this list; it can be opened by nobody else and for no other list.

    Raises:
        Refusal: the secret is not 64 hex digits.
    """
    return sha256(_COMMITMENT + bytes.fromhex(list_digest) + party.encode() + b"\0" + secret_bytes(secret)).hexdigest()


def secret_bytes(secret: str) -> bytes:
    """The bytes of a secret written as 64 hex digits."""
    try:
        found = bytes.fromhex(secret)
    except ValueError:
        found = b""
    if len(found) != SECRET_BYTES or len(secret) != 2 * SECRET_BYTES:
        raise Refusal("bad_secret", "密值应为64位十六进制字符。", field="secret")
    return found


def seed_of(list_digest: str, secrets: Sequence[str], beacon: str | None) -> bytes:
    """The seed that the list, the secrets in order and the beacon's value fix together."""
    values = [*secrets, beacon] if beacon is not None else secrets
    return sha256(_SEED + bytes.fromhex(list_digest) + b"".join(secret_bytes(one) for one in values)).digest()


def stream(seed: bytes) -> Iterator[int]:
    """The endless stream of 256-bit numbers of a seed."""
    counter = 0
    while True:
        yield int.from_bytes(hmac_digest(seed, counter.to_bytes(8, "big"), "sha256"), "big")
        counter += 1


def place_below(count: int, numbers: Iterator[int]) -> int:
    """A place from 0 up to ``count - 1``, each equally likely."""
    limit = _SPAN - _SPAN % count
    return next(number for number in numbers if number < limit) % count


def require_enough(frozen: FrozenList) -> None:
    """Refuse a list from which the panel cannot be drawn."""
    have = _by_pool(frozen)
    for pool in frozen.pools:
        if len(have[pool.key]) < pool.min:
            raise Refusal(
                "pool_too_small",
                f"{pool.name}可抽取{len(have[pool.key])}人，不足{pool.min}人，请先补充专家库。",
                field="pools",
                article="第二十条",
            )
    if len(frozen.eligible) < frozen.seats:
        raise Refusal(
            "panel_too_small",
            f"可抽取的专家共{len(frozen.eligible)}人，不足{frozen.seats}人，请先补充专家库。",
            field="pools",
            article="第二十条",
        )


def draw_panel(frozen: FrozenList, secrets: Mapping[str, str], beacon: str | None = None) -> DrawOutcome:
    """Draw members and alternates; the same list, secrets (by party) and beacon always give the same panel.

    Raises:
        Refusal: the list is too short, or a secret is no secret.
    """
    require_enough(frozen)
    seed = seed_of(frozen.digest, [secrets[party.key] for party in frozen.parties], beacon)
    numbers = stream(seed)
    left = _by_pool(frozen)
    members = list(_minimums(frozen.pools, left, numbers))
    while len(members) < frozen.seats:
        everyone = sorted((expert, pool) for pool, experts in left.items() for expert in experts)
        expert, pool = everyone[place_below(len(everyone), numbers)]
        left[pool].remove(expert)
        members.append(Drawn(expert=expert, pool=pool, because="all"))
    alternates = tuple(_alternates(frozen.pools, left, numbers))
    return DrawOutcome(seed=seed.hex(), members=tuple(members), alternates=alternates)


def _by_pool(frozen: FrozenList) -> dict[str, list[str]]:
    return {pool.key: sorted(one.expert for one in frozen.eligible if one.pool == pool.key) for pool in frozen.pools}


def _minimums(pools: Sequence[PoolShare], left: Mapping[str, list[str]], numbers: Iterator[int]) -> Iterator[Drawn]:
    for pool in pools:
        for _ in range(pool.min):
            yield Drawn(expert=_take(left[pool.key], numbers), pool=pool.key, because="pool")


def _alternates(
    pools: Sequence[PoolShare], left: Mapping[str, list[str]], numbers: Iterator[int]
) -> Iterator[Alternate]:
    for pool in pools:
        for place in range(1, min(pool.alternates, len(left[pool.key])) + 1):
            yield Alternate(expert=_take(left[pool.key], numbers), pool=pool.key, place=place)


def _take(experts: list[str], numbers: Iterator[int]) -> str:
    return experts.pop(place_below(len(experts), numbers))
