"""Where a sign-in goes on: to the step that it still wants, or to where one wanted to go."""

from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from services.office.accounts import store
from services.office.accounts.cookies import service_of, set_both
from services.office.accounts.domain.sessions import Step
from services.office.accounts.pages.base import see
from services.office.accounts.sessions import SignedIn
from services.office.site import home_of, own_path

STEP_PATHS = {
    Step.CODE: "/account/code",
    Step.ENROLMENT: "/account/enrolment",
    Step.PASSWORD: "/account/new-password",
}


def step_path(step: Step, target: str) -> str:
    """The form of a step."""
    return STEP_PATHS[step] + (f"?{urlencode({'next': target})}" if target else "")


async def go_on(request: Request, signed_in: SignedIn, target: str) -> Response:
    """Set the cookies and lead on."""
    if signed_in.wants is not None:
        response = see(step_path(signed_in.wants, own_path(target, "")))
    else:
        async with service_of(request).database.transaction() as tx:
            account = await store.account_row(tx, signed_in.account_id)
        response = see(own_path(target, home_of(account.roles)))
    set_both(request, response, signed_in)
    return response
