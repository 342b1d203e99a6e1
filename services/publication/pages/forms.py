"""Forms for the public: object to an entry, follow an objection, vote. No sign-in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from services.publication import store
from services.publication.actions import objections, votes
from services.publication.domain.objections import Objector
from services.publication.site.views import page_of
from shared.infra.clocks import new_id
from shared.infra.database import Tx
from shared.infra.stages import stage_row
from shared.kernel.refusals import NotFound, Refusal
from shared.web.page import PageContext
from shared.web.parts import FieldError
from shared.web.public_act import PublicAct, address_pseudonym, public_form, run_public

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
_FIELDS = ("number", "name", "contact", "grounds", "text")


def _render(request: Request, template: str, page: PageContext, *, status: int = 200, **context: object) -> Response:
    body: Response = request.app.state.templates.TemplateResponse(
        request, template, {"page": page, **context}, status_code=status
    )
    return body


def errors_of(refusal: Refusal) -> tuple[FieldError, ...]:
    """A refusal as errors beside their fields."""
    found = tuple(FieldError(field=one.field, message=one.message) for one in refusal.problems)
    return found or (FieldError(field=refusal.field or "number", message=refusal.message),)


async def _form(
    tx: Tx, request: Request, stage: UUID, filled: dict[str, str], refusal: Refusal | None = None
) -> Response:
    row = await stage_row(tx, stage)
    listing = await store.listing_of_stage(tx, stage)
    rows = await store.entries(tx, listing.listing_id) if listing else []
    entries = [
        (one.number, f"{one.number} {store.as_entry(one).subject.full_name}") for one in rows if one.state == "listed"
    ]
    rules = store.rules_of(row)
    page = page_of(
        tx,
        "提出异议",
        "/objections",
        category=rules.name,
        stage="公示",
        expected_of_me="实名填写，写明依据",
        until=row.closes_at,
        next_step="办公室受理后核查；核查期间该条目暂不发布",
    )
    context = {"stage_id": stage, "entries": entries, "filled": filled, "key": str(new_id())}
    errors = errors_of(refusal) if refusal else ()
    status = refusal.status if refusal else 200
    return _render(request, "objection_form.html", page, status=status, errors=errors, **context)


@router.get("/objections/new")
async def new_objection(request: Request, stage: UUID, number: str = "") -> Response:
    """The form, with the entry chosen where the page knows it."""
    filled = {**dict.fromkeys(_FIELDS, ""), "number": number}
    return await run_public(request, lambda tx: _form(tx, request, stage, filled))


@router.post("/objections")
async def file_objection(
    request: Request,
    stage: Annotated[UUID, Form()],
    number: Text = "",
    name: Text = "",
    contact: Text = "",
    grounds: Text = "",
    text: Text = "",
    act: PublicAct = Depends(public_form("objection.file")),  # noqa: B008 - FastAPI's way
) -> Response:
    """File the objection; what is wrong stands beside its field and nothing typed is lost."""
    key: bytes = request.app.state.service.secret
    objector = Objector(name=name, contact=contact, text=text)
    try:
        filed = await act(lambda tx: objections.file_objection(tx, key, stage, number, objector, grounds))
    except Refusal as refusal:
        filled = {"number": number, "name": name, "contact": contact, "grounds": grounds, "text": text}
        shown = refusal
        return await run_public(request, lambda tx: _form(tx, request, stage, filled, shown))
    # A repeat of the same form gets the first answer as it was kept: a mapping.
    receipt = objections.Filed.model_validate(filed)

    async def show(tx: Tx) -> Response:
        page = page_of(tx, "异议已收到", "/objections", next_step="办公室决定是否受理，请用查询码查看进展")
        return _render(request, "objection_filed.html", page, filed=receipt, status=201)

    return await run_public(request, show)


@router.get("/objections/follow")
async def find(request: Request, receipt: str = "", code: str = "") -> Response:
    """How an objection stands, by the number and the code of its receipt; what finds nothing stays as it was typed."""

    async def show(tx: Tx) -> Response:
        found, errors = None, []
        try:
            found = await objections.follow_receipt(tx, receipt, code) if receipt or code else None
        except NotFound as nothing:
            errors = [FieldError(field="receipt", message=nothing.message)]
        shown = {"found": found, "receipt": receipt, "code": code, "errors": errors}
        page = page_of(tx, "异议进展", "/objections")
        return _render(request, "objection.html", page, status=404 if errors else 200, **shown)

    return await run_public(request, show)


@router.get("/objections/{objection_id}")
async def follow(request: Request, objection_id: UUID, code: str = "") -> Response:
    """How an objection stands; without a code, the field for it."""

    async def show(tx: Tx) -> Response:
        found = await objections.follow(tx, objection_id, code) if code else None
        page = page_of(tx, "异议进展", "/objections")
        return _render(request, "objection.html", page, objection_id=objection_id, found=found)

    return await run_public(request, show)


@router.get("/votes/{stage_id}")
async def poll(request: Request, stage_id: UUID) -> Response:
    """Candidates and the form, or the counts after the end."""
    return await run_public(request, lambda tx: _poll(tx, request, stage_id, (), None))


async def _poll(tx: Tx, request: Request, stage_id: UUID, chosen: tuple[str, ...], refusal: Refusal | None) -> Response:
    found = await votes.poll_view(tx, stage_id)
    page = page_of(
        tx,
        f"{found.title}公众投票",
        "/votes",
        expected_of_me=f"最多选择 {found.choices} 项" if found.open else None,
        until=found.closes_at if found.open else None,
        next_step="投票结束后公布票数，供审查委员会参考" if found.open else None,
    )
    context = {"poll": found, "chosen": chosen, "key": str(new_id()), "errors": errors_of(refusal) if refusal else ()}
    return _render(request, "poll.html", page, status=refusal.status if refusal else 200, **context)


@router.post("/votes/{stage_id}")
async def vote(
    request: Request, stage_id: UUID, key: Text, choices: Annotated[tuple[str, ...], Form()] = ()
) -> Response:
    """Take a token and vote in one step; sending the form again gives the same receipt."""
    secret, address = request.app.state.service.secret, address_pseudonym(request)

    async def do(tx: Tx) -> votes.Cast:
        token = await votes.issue_token(tx, secret, stage_id, address, key)
        return await votes.cast_vote(tx, secret, stage_id, token.token, choices)

    try:
        cast = await run_public(request, do)
    except Refusal as refusal:
        shown = refusal
        return await run_public(request, lambda tx: _poll(tx, request, stage_id, choices, shown))

    async def show(tx: Tx) -> Response:
        page = page_of(tx, "投票成功", "/votes", next_step="投票结束后可用回执号核对您的一票")
        return _render(request, "voted.html", page, cast=cast, status=201)

    return await run_public(request, show)
