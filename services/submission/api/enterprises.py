"""The register of enterprises."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.submission import store
from services.submission.actions.enterprises import EnterpriseEntry, register_enterprise
from services.submission.tables import Enterprise
from shared.infra.database import Tx
from shared.web.act import Act, acting
from shared.web.body import Body

router = APIRouter(prefix="/api/submission", tags=["enterprises"])


class EnterpriseBody(Body):
    """An enterprise as the office enters it."""

    name: str = Field(min_length=1, max_length=200)
    credit_code: str
    industry: str | None = None
    district: str | None = None
    ownership: str | None = None


class EnterpriseView(BaseModel):
    """A registered enterprise; accounts act for its id."""

    enterprise_id: UUID
    name: str
    credit_code: str
    industry: str | None
    district: str | None
    ownership: str | None


def view(enterprise: Enterprise) -> EnterpriseView:
    """The enterprise as answered."""
    return EnterpriseView.model_validate(enterprise.model_dump())


@router.post("/enterprises", status_code=201)
async def register(body: EnterpriseBody, act: Act = acting("enterprise.register")) -> EnterpriseView:
    """Register an enterprise; the same one again answers the same."""

    async def do(tx: Tx) -> EnterpriseView:
        return view(await register_enterprise(tx, EnterpriseEntry(**body.model_dump())))

    return await act(do)


@router.get("/enterprises")
async def listed(act: Act = acting("application.read")) -> list[EnterpriseView]:
    """All enterprises for the office and auditors, one's own for an enterprise."""

    async def do(tx: Tx) -> list[EnterpriseView]:
        own = None if tx.actor.roles & {"office", "auditor"} else tx.actor.acts_for
        return [view(one) for one in await store.enterprises(tx, own)]

    return await act.read(do)
