"""JSON API of review. Numbers of sheets are read from their text, never through a float."""

import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.review import reads, store
from services.review.actions import drawing, pool, scoring, seats, unsealing
from services.review.sealing import Sealer
from shared.infra.database import Tx
from shared.infra.rulebooks import load_shipped
from shared.kernel.refusals import NotAllowed, Refusal
from shared.web.act import Act, acting
from shared.web.rights import Role


class _ExactRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = json.loads(await self.body(), parse_float=Decimal)
        return self._json


class ExactRoute(APIRoute):
    """A route whose JSON numbers arrive as exact decimals."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, reading the body exactly."""
        handle = super().get_route_handler()

        async def exactly(request: Request) -> Response:
            return await handle(_ExactRequest(request.scope, request.receive))

        return exactly


Shape = TypeVar("Shape", bound=BaseModel)
router = APIRouter(prefix="/api/review", tags=["review"], route_class=ExactRoute)


def _number(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("not an exact number")
    return value


Points = Annotated[Decimal, BeforeValidator(_number), Field(allow_inf_nan=False, max_digits=20)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class Body(BaseModel):
    """Base of request bodies: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ExpertBody(Body):
    """An expert for a pool; ``login`` is the account that acts for the expert."""

    login: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=100)
    pool: str
    employer: str = Field(max_length=200)
    employer_code: str | None = None


class ExpertRecorded(BaseModel):
    """The id under which the expert is known."""

    expert_id: UUID


class ExpertLine(BaseModel):
    """An expert of the pool."""

    expert_id: UUID
    login: str
    name: str
    pool: str
    employer: str
    employer_code: str | None
    available: bool


class Availability(Body):
    """Whether an expert can be drawn now."""

    available: bool


class FreezeBody(Body):
    """The commitment (SHA-256 over the secret's 32 bytes, hex) and the experts excluded for a stated conflict."""

    commitment: str
    conflicts: dict[UUID, Reason] = {}


class FrozenAnswer(BaseModel):
    """The list as it now stands in the audit, waiting for the ledger."""

    attempt: int
    list_digest: str
    commitment: str
    eligible: int
    excluded: list[dict[str, str]]


class Question(BaseModel):
    """The act and digest for which a two-person ticket is asked."""

    act: str
    digest: str


class DrawQuestion(Question):
    """What is drawn from, and whether the ledger holds it already."""

    attempt: int
    list_digest: str
    commitment: str
    in_ledger: bool


class DrawBody(Body):
    """The secret that was committed to: 64 hex digits."""

    secret: str


class DrawAnswer(BaseModel):
    """The panel by pseudonyms and the transcript that proves it."""

    attempt: int
    transcript_digest: str
    seed: str
    members: list[dict[str, str]]
    alternates: list[dict[str, str | int]]


class ReasonBody(Body):
    """Why."""

    reason: Reason


class AppointBody(Body):
    """Whom the guidance committee appointed."""

    expert_id: UUID


class UndertakingBody(Body):
    """The expert's answer to the call, on the text of this version."""

    accept: bool
    text_version: str
    reason: Reason | None = None


class UndertakingAnswer(BaseModel):
    """How the member now stands, and the digest of the text that was answered."""

    state: str
    text_digest: str


class RecuseBody(Body):
    """Who steps aside (the office names the expert), from which case (none: from the panel), and why."""

    reason: Reason
    expert_id: UUID | None = None
    case_id: UUID | None = None


class SheetBody(Body):
    """Points by item id, and the zero conditions the expert finds fulfilled."""

    judgements: dict[str, Points]
    zero: list[str] = []


class Saved(BaseModel):
    """A draft was kept."""

    case_id: UUID
    saved_at: datetime
    judged: int


class Receipt(BaseModel):
    """The receipt of a signed sheet, with the ledger's newest signed checkpoint as witness."""

    case_id: UUID
    neutral_number: str
    sheet_digest: str
    signed_at: datetime
    checkpoint: str | None


class UnsealQuestion(Question):
    """How many sheets are counted."""

    sheets: int


class Unsealed(BaseModel):
    """The panel was unsealed."""

    stage_id: UUID
    sheets: int
    unsealed_at: datetime


class Done(BaseModel):
    """The act was done."""

    done: bool = True


def sealer_of(request: Request) -> Sealer:
    """The sealer under this service's key."""
    return Sealer(request.app.state.service.secret)


# -- pool ------------------------------------------------------------------------------------------------------------


@router.post("/experts")
async def record_expert(body: ExpertBody, act: Act = acting("pool.manage")) -> ExpertRecorded:
    """Record or correct an expert."""
    known = pool.pool_keys(list(load_shipped().values()))

    async def do(tx: Tx) -> dict[str, Any]:
        return {"expert_id": await pool.record_expert(tx, known, **body.model_dump())}

    return await _answer(ExpertRecorded, act, do)


@router.get("/experts")
async def experts(act: Act = acting("pool.manage")) -> list[ExpertLine]:
    """The whole pool."""

    async def do(tx: Tx) -> list[ExpertLine]:
        return [ExpertLine.model_validate(one.model_dump()) for one in await store.experts(tx)]

    return await act.read(do)


@router.put("/experts/{expert_id}/availability")
async def set_available(expert_id: UUID, body: Availability, act: Act = acting("pool.manage")) -> Done:
    """Say whether an expert can be drawn."""
    return await _done(act, lambda tx: pool.set_available(tx, expert_id, body.available))


# -- panel -----------------------------------------------------------------------------------------------------------


@router.get("/stages")
async def panels(act: Act = acting("panel.read")) -> list[reads.PanelOverview]:
    """All panels."""
    names = _sees_names(act)

    async def do(tx: Tx) -> list[reads.PanelOverview]:
        return [await reads.overview(tx, panel.stage_id, with_names=names) for panel in await store.panels(tx)]

    return await act.read(do)


@router.get("/stages/{stage_id}")
async def panel(stage_id: UUID, act: Act = acting("panel.read")) -> reads.PanelOverview:
    """One panel: members, cases, attempts, counts."""
    return await act.read(lambda tx: reads.overview(tx, stage_id, with_names=_sees_names(act)))


@router.post("/stages/{stage_id}/freeze")
async def freeze(stage_id: UUID, body: FreezeBody, request: Request, act: Act = acting("panel.freeze")) -> FrozenAnswer:
    """Freeze the list for the draw, with the commitment to the secret."""
    sealer = sealer_of(request)
    return await _answer(
        FrozenAnswer, act, lambda tx: drawing.freeze_list(tx, sealer, stage_id, body.commitment, dict(body.conflicts))
    )


@router.get("/stages/{stage_id}/draw")
async def draw_question(stage_id: UUID, act: Act = acting("panel.draw")) -> DrawQuestion:
    """The digest for the ticket of the draw."""
    return DrawQuestion.model_validate(await act.read(lambda tx: drawing.draw_question(tx, stage_id)))


@router.post("/stages/{stage_id}/draw")
async def draw(stage_id: UUID, body: DrawBody, act: Act = acting("panel.draw")) -> DrawAnswer:
    """Reveal the secret and draw (ticket ``panel.draw``)."""
    return await _answer(DrawAnswer, act, lambda tx: drawing.draw(tx, stage_id, body.secret, act.ticket))


@router.get("/stages/{stage_id}/void")
async def void_question(stage_id: UUID, act: Act = acting("panel.draw")) -> Question:
    """The digest for the ticket that gives a frozen list up."""
    return Question.model_validate(await act.read(lambda tx: drawing.void_question(tx, stage_id)))


@router.post("/stages/{stage_id}/void")
async def void(stage_id: UUID, body: ReasonBody, act: Act = acting("panel.draw")) -> Done:
    """Give a frozen list up without a draw (ticket ``panel.void``)."""
    return await _done(act, lambda tx: drawing.void_attempt(tx, stage_id, body.reason, act.ticket))


@router.post("/stages/{stage_id}/appoint")
async def appoint(stage_id: UUID, body: AppointBody, request: Request, act: Act = acting("panel.appoint")) -> Done:
    """Add an appointed member."""
    sealer = sealer_of(request)
    return await _done(act, lambda tx: seats.appoint(tx, sealer, stage_id, body.expert_id))


@router.post("/stages/{stage_id}/undertaking")
async def undertaking(
    stage_id: UUID, body: UndertakingBody, act: Act = acting("undertaking.sign")
) -> UndertakingAnswer:
    """Sign the undertaking, or refuse with a reason."""
    return await _answer(UndertakingAnswer, act, lambda tx: seats.answer_call(tx, stage_id, **body.model_dump()))


@router.post("/stages/{stage_id}/recuse")
async def recuse(stage_id: UUID, body: RecuseBody, act: Act = acting("panel.recuse")) -> Done:
    """Step aside, from a case or from the panel; the office may record it for an expert."""

    async def do(tx: Tx) -> None:
        expert = await recused_expert(tx, body.expert_id)
        await seats.recuse(tx, stage_id, expert, body.case_id, body.reason)

    return await _done(act, do)


async def recused_expert(tx: Tx, named: UUID | None) -> UUID:
    """Whom a recusal concerns: an expert only himself, the office whom it names."""
    if Role.OFFICE in tx.actor.roles:
        if named is None:
            raise Refusal("expert_needed", "请指明回避的专家。", field="expert_id")
        return named
    own = (await store.expert_acting(tx)).expert_id
    if named not in (None, own):
        raise NotAllowed("您只能为本人申请回避。")
    return own


# -- expert ----------------------------------------------------------------------------------------------------------


@router.get("/tasks")
async def tasks(act: Act = acting("sheet.write")) -> list[reads.TaskList]:
    """The panels I was called to and my cases in them."""
    return await act.read(reads.task_lists)


@router.get("/tasks/{case_id}")
async def task(case_id: UUID, request: Request, act: Act = acting("sheet.write")) -> reads.Task:
    """One of my cases: figures, computed items, items to judge, findings, my draft."""
    sealer = sealer_of(request)
    return await act.read(lambda tx: reads.task(tx, sealer, case_id))


@router.put("/tasks/{case_id}/draft")
async def save_draft(case_id: UUID, body: SheetBody, request: Request, act: Act = acting("sheet.write")) -> Saved:
    """Keep my unfinished sheet."""
    sealer = sealer_of(request)
    return await _answer(Saved, act, lambda tx: scoring.save_draft(tx, sealer, case_id, body.judgements, body.zero))


@router.post("/tasks/{case_id}/sign")
async def sign(case_id: UUID, body: SheetBody, request: Request, act: Act = acting("sheet.write")) -> Receipt:
    """Sign my sheet: complete, once, within the term."""
    sealer = sealer_of(request)
    return await _answer(Receipt, act, lambda tx: scoring.sign_sheet(tx, sealer, case_id, body.judgements, body.zero))


# -- unsealing -------------------------------------------------------------------------------------------------------


@router.get("/stages/{stage_id}/unseal")
async def unseal_question(stage_id: UUID, act: Act = acting("panel.unseal")) -> UnsealQuestion:
    """The digest for the ticket of the unsealing."""
    return UnsealQuestion.model_validate(await act.read(lambda tx: unsealing.unseal_question(tx, stage_id)))


@router.post("/stages/{stage_id}/unseal")
async def unseal(stage_id: UUID, act: Act = acting("panel.unseal")) -> Unsealed:
    """Break the seal (ticket ``panel.unseal``)."""
    return await _answer(Unsealed, act, lambda tx: unsealing.unseal(tx, stage_id, act.ticket))


def _sees_names(act: Act) -> bool:
    return bool(act.actor.roles & {Role.OFFICE, Role.REVIEW_CHAIR})


async def _answer(shape: type[Shape], act: Act, do: Callable[[Tx], Awaitable[dict[str, Any]]]) -> Shape:
    """The act's answer in its shape; a repeated request is answered from what was kept."""
    return shape.model_validate(await act(do))


async def _done(act: Act, do: Callable[[Tx], Coroutine[Any, Any, None]]) -> Done:
    async def and_say_so(tx: Tx) -> dict[str, Any]:
        await do(tx)
        return {"done": True}

    return await _answer(Done, act, and_say_so)
