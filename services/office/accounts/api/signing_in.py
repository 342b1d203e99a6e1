"""Signing in step by step, recovery, tokens.

These endpoints need no ``Idempotency-Key``: a repeated sign-in is another session, the others change nothing that a
repeat would change again.
"""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr

from services.office.accounts import sessions, signing_in
from services.office.accounts.actions import people
from services.office.accounts.api.base import Body, PasswordBody
from services.office.accounts.cookies import opaque_session, service_of, set_cookie
from services.office.accounts.domain.api_tokens import PREFIX
from services.office.accounts.domain.sessions import Step
from services.office.accounts.links import RECOVERY, linked_row
from services.office.accounts.sessions import SignedIn, profile_of
from shared.web.act import SESSION_COOKIE, TOKEN_COOKIE

router = APIRouter()


class SignInBody(Body):
    """Login and password, and the one-time code of an account that has a second factor."""

    login: str = Field(max_length=200)
    password: SecretStr = Field(max_length=200)
    code: str | None = Field(None, max_length=20)


class ProofBody(PasswordBody):
    """The password once more, and a one-time code where there is a second factor."""

    code: str | None = Field(None, max_length=20)


class CodeBody(Body):
    """A one-time code."""

    code: str = Field(max_length=20)


class RecoveryBody(PasswordBody):
    """The opaque part of a recovery link, and the new password."""

    link: str = Field(max_length=200)


class SignedInAnswer(BaseModel):
    """A sign-in (opaque, also set as a cookie); ``wants`` names the next step, None when there is a ``token``."""

    account_id: UUID
    session: str
    token: str | None
    wants: Step | None


class FactorAnswer(BaseModel):
    """A second factor to enrol: the secret to type, or the address to read from a QR code."""

    secret: str
    uri: str


class TokenAnswer(BaseModel):
    """A five-minute token."""

    token: str


def signed_in_answer(request: Request, response: Response, signed_in: SignedIn) -> SignedInAnswer:
    """The state of a sign-in, its session in the cookie too."""
    set_cookie(request, response, SESSION_COOKIE, signed_in.session)
    return SignedInAnswer.model_validate(signed_in, from_attributes=True)


@router.post("/sign-in")
async def sign_in(body: SignInBody, request: Request, response: Response) -> SignedInAnswer:
    """Begin a sign-in; five wrong passwords or codes in a row lock the login for 15 minutes."""
    password = body.password.get_secret_value()
    signed_in = await signing_in.sign_in(service_of(request), body.login, password, body.code)
    return signed_in_answer(request, response, signed_in)


@router.post("/sign-in/enrolment")
async def enrolment(request: Request) -> FactorAnswer:
    """The second factor that a first sign-in enrols: the same until its first code is given to ``/sign-in/code``."""
    offered = await signing_in.offered_factor(service_of(request), opaque_session(request))
    return FactorAnswer.model_validate(offered, from_attributes=True)


@router.post("/sign-in/code")
async def sign_in_code(body: CodeBody, request: Request, response: Response) -> SignedInAnswer:
    """Give the one-time code that a sign-in wants."""
    signed_in = await signing_in.give_code(service_of(request), opaque_session(request), body.code)
    return signed_in_answer(request, response, signed_in)


@router.post("/sign-in/password")
async def sign_in_password(body: PasswordBody, request: Request, response: Response) -> SignedInAnswer:
    """Replace a password that has grown too old for the profile."""
    password = body.password.get_secret_value()
    signed_in = await signing_in.give_password(service_of(request), opaque_session(request), password)
    return signed_in_answer(request, response, signed_in)


@router.post("/recovery", status_code=HTTPStatus.NO_CONTENT)
async def recovery(body: RecoveryBody, request: Request) -> None:
    """Set a new password by a recovery link; the link works once."""
    service = service_of(request)
    async with service.database.transaction() as tx:
        recovery_id = linked_row(service.secret, RECOVERY, body.link)
        await people.use_recovery(tx, profile_of(service), recovery_id, body.password.get_secret_value())


@router.post("/token")
async def token(request: Request) -> TokenAnswer:
    """Exchange the session, or a program's API token as bearer, for a five-minute token."""
    header = request.headers.get("authorization", "")
    if header.startswith(f"Bearer {PREFIX}"):
        return TokenAnswer(token=await sessions.token_of_program(service_of(request), header.removeprefix("Bearer ")))
    return TokenAnswer(token=await sessions.fresh_token(service_of(request), opaque_session(request)))


@router.post("/reauthenticate")
async def reauthenticate(body: ProofBody, request: Request) -> TokenAnswer:
    """Prove oneself again before an irreversible act; holds for ten minutes."""
    password, opaque = body.password.get_secret_value(), opaque_session(request)
    return TokenAnswer(token=await signing_in.prove_again(service_of(request), opaque, password, body.code))


@router.post("/sign-out", status_code=HTTPStatus.NO_CONTENT)
async def sign_out(request: Request) -> Response:
    """End the session."""
    await sessions.end_session(service_of(request), opaque_session(request))
    response = Response(status_code=HTTPStatus.NO_CONTENT)
    for name in (SESSION_COOKIE, TOKEN_COOKIE):
        response.delete_cookie(name)
    return response
