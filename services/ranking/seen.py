"""What a reader sees of a ranking, read and counted by the database."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Numeric, case, cast, func, select

from services.ranking.domain.decisions import Edges, Quota
from services.ranking.domain.histograms import BINS, Histogram, between
from services.ranking.domain.ranks import Ranked
from services.ranking.tables import Decision, RankedEntry
from shared.infra.database import Tx

_ENTRY: Any = RankedEntry
_DECISION: Any = Decision
_MEAN = cast(_ENTRY.numerator, Numeric) / cast(_ENTRY.denominator, Numeric)


class SeenRanking:
    """A stage's ranking as its reader sees it: without ``hidden`` cases, ranks closed up, read and counted by the
    database, so that no more of it comes here than a page shows."""

    def __init__(self, tx: Tx, stage_id: UUID, hidden: frozenset[UUID]) -> None:
        self._tx, self._stage_id = tx, stage_id
        self._seen = (
            select(
                _ENTRY.case_id, _ENTRY.division, _ENTRY.number, _ENTRY.struck, _MEAN.label("mean"), _DECISION.outcome
            )
            .add_columns(*(_closed_up() if hidden else (_ENTRY.rank, _ENTRY.place, _ENTRY.tied)))
            .outerjoin(_DECISION, (_DECISION.stage_id == _ENTRY.stage_id) & (_DECISION.case_id == _ENTRY.case_id))
            .where(_ENTRY.stage_id == stage_id, _ENTRY.case_id.not_in(hidden))
            .cte("seen")
        )

    async def page(self, first: int, count: int, *, ranks: bool) -> list[tuple[RankedEntry, Ranked | None]]:
        """So many entries from a place on (0 the best) in the order of the whole; by number where nothing is ranked."""
        seen = self._seen.c
        order = (seen.division, seen.place.asc().nulls_last(), seen.number) if ranks else (seen.number,)
        mine = (_ENTRY.stage_id == self._stage_id) & (_ENTRY.case_id == seen.case_id)
        query: Any = select(RankedEntry, seen.rank, seen.place, seen.tied).join(self._seen, mine)
        found = await self._all(query.order_by(*order).offset(first).limit(count))
        return [
            (one, None if rank is None else Ranked(one.case_id, one.number, one.division, rank, place, tied))
            for one, rank, place, tied in found
        ]

    async def edges(self, quota: Quota) -> dict[str | None, Edges]:
        """What decides the marks of each class."""
        seen, within = self._seen.c, self._within(quota)
        query = select(
            seen.division,
            func.max(seen.rank).filter(within),
            func.count().filter(within),
            func.max(seen.rank).filter(seen.outcome == "shortlisted"),
            func.min(seen.rank).filter(seen.outcome == "not_shortlisted"),
        )
        found = await self._all(query.where(seen.rank.is_not(None)).group_by(seen.division))
        return {
            group: Edges(quota.line(group), last or 0, reach, worst, best) for group, last, reach, worst, best in found
        }

    async def histograms(self, quota: Quota) -> list[Histogram]:
        """How many entries of each class have which score, for a picture; classes of one score alone are left out."""
        seen, within = self._seen.c, self._within(quota)
        low, high = func.min(seen.mean).label("low"), func.max(seen.mean).label("high")
        ends = (func.min(seen.mean).filter(within).label("last"), func.max(seen.mean).filter(~within).label("first"))
        stands = seen.rank.is_not(None)
        bounds = select(seen.division, low, high, *ends).where(stands).group_by(seen.division).subquery().c
        place = case(
            (bounds.high > bounds.low, func.least(func.width_bucket(seen.mean, bounds.low, bounds.high, BINS), BINS))
        ).label("place")
        same = seen.division.is_not_distinct_from(bounds.division)
        query = select(*bounds, place, within.label("within"), func.count()).where(stands, same)
        counts: dict[Any, list[list[int]]] = {}
        for *of, bin_, inside, count in await self._all(query.group_by(*bounds, place, within)):
            if bin_ is not None:
                counts.setdefault(tuple(of), [[0, 0] for _ in range(BINS)])[bin_ - 1][0 if inside else 1] = count
        return [_histogram(of, bins) for of, bins in sorted(counts.items(), key=lambda one: one[0][0] or "")]

    def _within(self, quota: Quota) -> Any:
        seen, whole = self._seen.c, quota.count or 0
        shares = [(seen.division == group, places) for group, places in quota.shares.items()]
        return seen.rank <= (case(*shares, (seen.division.is_(None), whole), else_=0) if shares else whole)

    async def counted(self, *, ranks: bool = True) -> "Counted":
        """How far a decision has come. ``ranks``: who has a rank is decided on, otherwise whoever has not fallen."""
        seen = self._seen.c
        stands = seen.rank.is_not(None) if ranks else seen.struck.is_(None)
        query = select(
            func.count(),
            func.count().filter(stands),
            func.count(seen.outcome).filter(stands),
            func.count().filter(stands & (seen.outcome == "shortlisted")),
        ).select_from(self._seen)
        entries, standing, decided, shortlisted = tuple((await self._all(query)).one())
        return Counted(entries, standing, decided, shortlisted)

    async def _all(self, query: Any) -> Any:
        return await self._tx.session.execute(query)


def _histogram(of: Sequence[Any], bins: Sequence[Sequence[int]]) -> Histogram:
    group, low, high, *ends = of
    last, first = (None if one is None else Fraction(one) for one in ends)
    counts = tuple((within, out) for within, out in bins)
    return Histogram(group, Fraction(low), Fraction(high), counts, between(last, first))


def _closed_up() -> tuple[Any, Any, Any]:
    """Rank, place and whether it is tied, of entries among which some are left out."""
    stands = _ENTRY.rank.is_not(None)
    same: dict[str, Any] = {"partition_by": (_ENTRY.division, stands)}
    equal = func.count().over(partition_by=(_ENTRY.division, _ENTRY.rank))
    return (
        case((stands, func.rank().over(order_by=_ENTRY.rank, **same))).label("rank"),
        case((stands, func.row_number().over(order_by=_ENTRY.place, **same))).label("place"),
        (stands & (equal > 1)).label("tied"),
    )


class Counted(NamedTuple):
    """Entries of a ranking, those of them to be decided on, of these the decided and the shortlisted."""

    entries: int
    standing: int
    decided: int
    shortlisted: int
