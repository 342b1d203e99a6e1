"""A form's act from a page: done, and back to where one goes on; what was filled in wrongly is shown at its field."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi.responses import RedirectResponse
from starlette.responses import Response

from shared.infra.database import Tx
from shared.kernel.refusals import Refusal
from shared.web.act import Act

Work = Callable[[Tx], Awaitable[object]]


async def do_and_go(act: Act, back: str, work: Work) -> Response:
    """Do it once for the form's key, and go on at ``back``."""

    async def do(tx: Tx) -> dict[str, bool]:
        await work(tx)
        return {"done": True}

    await act(do)
    return RedirectResponse(back, HTTPStatus.SEE_OTHER)


async def do_or_show(act: Act, back: str, work: Work, show: Callable[[Tx, Refusal], Awaitable[Response]]) -> Response:
    """As ``do_and_go``; a refusal that names a field is shown on the page of the form."""
    try:
        return await do_and_go(act, back, work)
    except Refusal as refusal:
        if refusal.status != HTTPStatus.UNPROCESSABLE_ENTITY or refusal.field is None:
            raise
        shown = refusal
    return await act.read(lambda tx: show(tx, shown))
