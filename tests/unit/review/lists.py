"""Frozen lists for tests of the draw."""

from services.review.domain.draw import ALGORITHM, Eligible, FrozenList, PoolShare

POOLS = (("economic", "经济专家库"), ("media", "媒体专家库"), ("enterprise", "企业专家库"))


def frozen_list(each: int = 5, *, seats: int = 7, least: int = 1, alternates: int = 3, attempt: int = 1) -> FrozenList:
    """A list with ``each`` invented experts a pool."""
    return FrozenList(
        algorithm=ALGORITHM,
        stage="0197-stage",
        attempt=attempt,
        rulebook="ab" * 32,
        manifest="cd" * 32,
        standing="ef" * 32,
        seats=seats,
        pools=tuple(PoolShare(key=key, name=name, min=least, alternates=alternates) for key, name in POOLS),
        eligible=tuple(Eligible(expert=f"{key}-{number:03d}", pool=key) for key, _ in POOLS for number in range(each)),
        excluded=(),
    )


def secret(number: int) -> str:
    """A secret for tests."""
    return f"{number:064x}"
