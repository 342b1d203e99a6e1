"""Entry of the echo service: ``python -m tests.integration.infra.echo <role>``."""

from pathlib import Path

from fastapi import APIRouter
from pydantic import BaseModel

from shared.contracts.facts import PartDeposited
from shared.contracts.workflows import CaseRef
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.messaging import Interests
from shared.infra.service import Service
from shared.web.act import Act, acting
from shared.web.process import Parts, main
from tests.integration.infra.echo.activities import EchoActivities
from tests.integration.infra.echo.tables import Echo, metadata
from tests.integration.infra.echo.workflows import EchoLifecycle

router = APIRouter(prefix="/api/review")


class Shout(BaseModel):
    """What to shout."""

    word: str


async def shout(tx: Tx, body: Shout) -> dict[str, str]:
    """Row + audit + fact + workflow in one transaction."""
    case = new_id()
    tx.session.add(Echo(case_id=case))
    await tx.session.flush()
    digest = await tx.put_dossier({"word": body.word}, "echo")
    await tx.audit("echo.shouted", case_id=case, word=body.word)
    await tx.emit(PartDeposited(source="review", case_id=case, audience="public", name=body.word, digest=digest))
    await tx.ensure("EchoLifecycle", f"application/{case}", CaseRef(case_id=case))
    return {"case_id": str(case), "digest": digest}


@router.post("/shouts")
async def post_shout(body: Shout, act: Act = acting("application.file")) -> dict[str, str]:
    """Shout once."""
    return await act(lambda tx: shout(tx, body))


@router.get("/shouts/{case_id}")
async def get_shout(case_id: str, act: Act = acting("application.read")) -> dict[str, int]:
    """How often it was heard and worked."""

    async def read(tx: Tx) -> dict[str, int]:
        row = await tx.session.get(Echo, case_id)
        return {"heard": row.heard if row else -1, "worked": row.worked if row else -1}

    return await act.read(read)


def consumers(service: Service) -> Interests:
    """Hear what was shouted; a word ``poison`` is never taken in."""
    interests = Interests("review")

    @interests.on("echo", PartDeposited, source="review")
    async def heard(tx: Tx, fact: PartDeposited) -> None:
        if fact.name == "poison":
            raise RuntimeError("cannot be taken in")
        row = await tx.session.get(Echo, fact.case_id)
        assert row is not None
        row.heard += 1
        tx.session.add(row)

    return interests


PARTS = Parts(
    name="review",
    metadata=metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=[router],
    workflows=[EchoLifecycle],
    activities=EchoActivities,
    interests=consumers,
)

if __name__ == "__main__":
    main(PARTS)
