"""Whether a number stands in a released list: asked of what was released, and of nothing else."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import or_, select
from sqlmodel import col

from services.publication import store
from services.publication.domain import texts
from services.publication.site.results import folder, heading
from services.publication.tables import Release
from shared.infra.database import Tx

MOST = 80


class Found(BaseModel):
    """A released list that the number stands in, with the entry; no entry: its own digest was asked for."""

    model_config = ConfigDict(frozen=True)

    heading: str
    released_at: datetime
    digest: str
    page: str
    data: str
    number: str | None = None
    name: str | None = None
    outcome: str | None = None
    revoked_at: datetime | None = None
    revoked: str | None = None


async def find(tx: Tx, typed: str) -> list[Found]:
    """The released lists with this case number, typed as it is or in small letters, or with this digest.

    A number of a case that is not released is to this question as one that never was.
    """
    asked = "".join(typed.split())
    numbers = {asked, asked.upper()}
    listed = [col(Release.content).contains({"entries": [{"number": one}]}) for one in numbers]
    rows = select(Release).where(or_(*listed, col(Release.digest) == asked.lower()))
    found = (await tx.session.execute(rows.order_by(col(Release.released_at).desc()))).scalars()
    return [await _found(tx, one, numbers) for one in found]


async def _found(tx: Tx, release: Release, numbers: set[str]) -> Found:
    entry = next((one for one in release.content["entries"] if one["number"] in numbers), None)
    fallen = await store.revocations(tx, release.category_id)
    revoked = [row for row in fallen if entry and row.number == entry["number"]]
    return Found(
        heading=heading(release.content),
        released_at=release.released_at,
        digest=release.digest,
        page=f"/results/{release.category_id}",
        data=f"{folder(release.category_id, release.supplement, release.addendum)}/list.json",
        number=entry["number"] if entry else None,
        name=entry["name"] if entry else None,
        outcome=entry.get("recommendation") if entry else None,
        revoked_at=revoked[0].revoked_at if revoked else None,
        revoked=texts.REVOCATIONS[revoked[0].kind] if revoked else None,
    )
