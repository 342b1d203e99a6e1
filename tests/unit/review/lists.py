"""Frozen lists for tests of the draw."""

from services.review.domain.draw import (
    ALGORITHM,
    BeaconRound,
    Commitment,
    Eligible,
    FrozenList,
    Party,
    PastAttempt,
    PoolShare,
    Reveal,
    Transcript,
    commitment_to,
    draw_panel,
)

PARTIES = (Party(key="office", name="办公室"), Party(key="supervisor", name="监督员"))
POOLS = (("economic", "经济专家库"), ("media", "媒体专家库"), ("enterprise", "企业专家库"))


def frozen_list(
    each: int = 5,
    *,
    seats: int = 7,
    least: int = 1,
    alternates: int = 3,
    attempt: int = 1,
    beacon: BeaconRound | None = None,
    earlier: tuple[PastAttempt, ...] = (),
) -> FrozenList:
    """A list with ``each`` invented experts a pool."""
    return FrozenList(
        algorithm=ALGORITHM,
        stage="0197-stage",
        attempt=attempt,
        frozen_at="2026-03-02T01:00:00.000000Z",
        rulebook="ab" * 32,
        manifest="cd" * 32,
        standing="ef" * 32,
        seats=seats,
        pools=tuple(PoolShare(key=key, name=name, min=least, alternates=alternates) for key, name in POOLS),
        parties=PARTIES,
        beacon=beacon,
        earlier=earlier,
        eligible=tuple(Eligible(expert=f"{key}-{number:03d}", pool=key) for key, _ in POOLS for number in range(each)),
        excluded=(),
    )


def secret(number: int) -> str:
    """A secret for tests."""
    return f"{number:064x}"


def secrets_of(number: int) -> dict[str, str]:
    """What the two parties reveal."""
    return {"office": secret(number), "supervisor": secret(number + (1 << 128))}


def transcript_of(frozen: FrozenList, number: int = 1, beacon: str | None = None) -> Transcript:
    """The transcript of a whole draw."""
    opened = secrets_of(number)
    return Transcript(
        list=frozen,
        list_digest=frozen.digest,
        commitments=tuple(
            Commitment(party=party, commitment=commitment_to(frozen.digest, party, secret))
            for party, secret in opened.items()
        ),
        reveals=tuple(Reveal(party=party, secret=secret) for party, secret in opened.items()),
        beacon=beacon,
        **draw_panel(frozen, opened, beacon).model_dump(),
    )
