"""Acts of two persons on pages: where their ticket is asked for, and the ticket that was carried back.

A page names what is agreed to (act and digest) and leads to office's page that asks for it. Once the second person has
confirmed, both find a way on there which leads back with the ticket in its address; the form carries it in a hidden
field. Nobody copies anything, and nobody else can use what stands in that address: a ticket is bound to its two
persons, one act and one digest, and works once.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

from shared.kernel.refusals import NotSignedIn

ASKING = "/office/tickets/new"


@dataclass(frozen=True, slots=True)
class Agreement:
    """``ask``: where the ticket is asked for; ``ticket``: the one carried here, if it is for exactly this act."""

    act: str
    digest: str
    ask: str
    ticket: str | None


def agreement(request: Request, act: str, digest: str, subject: str, way_on: str) -> Agreement:
    """What a page shows of an act of two persons.

    Args:
        subject: a sentence that tells the second person what it is about.
        way_on: the path of the page on which the act is done.
    """
    asked = urlencode({"act": act, "digest": digest, "subject": subject, "way_on": way_on})
    return Agreement(act, digest, f"{ASKING}?{asked}", _carried(request, act, digest))


def _carried(request: Request, act: str, digest: str) -> str | None:
    """The ticket in the address, or in the form that was refused, if it is for this and in time."""
    token = request.query_params.get("ticket") or getattr(request.state, "ticket", None)
    if not isinstance(token, str):
        return None
    try:
        found = request.app.state.service.verifier.ticket(token)
    except NotSignedIn:
        return None
    return token if (found.act, found.digest) == (act, digest) else None
